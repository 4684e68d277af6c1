package adapter

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"bonus-adapter/config"
)

// callers says from which addresses requests may come. Without a list they may come from anywhere.
type callers struct {
	allowed []netip.Prefix
	proxies []netip.Prefix // whose word about the address behind them is taken
}

func newCallers(cfg *Config, problems *config.Problems) callers {
	return callers{prefixes("allow", cfg.Allow, problems), prefixes("trusted_proxies", cfg.TrustedProxies, problems)}
}

// prefixes reads networks; an address alone is a network of one.
func prefixes(place string, texts []string, problems *config.Problems) []netip.Prefix {
	var all []netip.Prefix
	for i, text := range texts {
		prefix, err := netip.ParsePrefix(text)
		if address, single := netip.ParseAddr(text); single == nil {
			prefix, err = netip.PrefixFrom(address.Unmap(), address.Unmap().BitLen()), nil
		}
		if err != nil {
			problems.Add(config.Index(place, i), "%q is neither an address nor a network", text).Hint = "for example 203.0.113.7 or 203.0.113.0/24"
			continue
		}
		all = append(all, prefix.Masked())
	}
	return all
}

// admits tells whether a request may come from where it comes from. Nobody's word is taken for that but a trusted
// proxy's: any caller can write an X-Forwarded-For.
func (c *callers) admits(r *http.Request) bool {
	return len(c.allowed) == 0 || within(c.allowed, c.address(r))
}

// foreign is the outcome of a request from elsewhere: it is refused as one without a key is, but no key would help.
func foreign() outcome {
	o := rejected(Unauthorized, "requests from this address are not answered")
	o.status = http.StatusForbidden
	return o
}

// address gives where a request comes from: the last address in X-Forwarded-For that is no trusted proxy's own, if the
// connection comes from one. What cannot be read is nobody's address.
func (c *callers) address(r *http.Request) netip.Addr {
	peer, _ := netip.ParseAddrPort(r.RemoteAddr)
	address := peer.Addr().Unmap()
	if !within(c.proxies, address) {
		return address
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		before, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			return netip.Addr{}
		}
		if address = before.Unmap(); !within(c.proxies, address) {
			break
		}
	}
	return address
}

func within(networks []netip.Prefix, address netip.Addr) bool {
	return slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(address) })
}
