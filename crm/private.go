package crm

import (
	"errors"
	"net/netip"
	"syscall"
)

var errPrivate = errors.New("the CRM's name leads to an address that is not public, and deny_private is set")

// publicOnly refuses a connection to an address that is not of the public internet. It sees the address that is really
// dialled: a name that leads elsewhere at its second look-up does not lead around it.
func publicOnly(_, address string, _ syscall.RawConn) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil || !public(target.Addr().Unmap()) {
		return errPrivate
	}
	return nil
}

func public(ip netip.Addr) bool {
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	for _, special := range specials {
		if special.Contains(ip) {
			return false
		}
	}
	return true
}

// specials are the networks that netip calls neither private nor special, and that lead into somebody's own: shared
// addresses of providers, this network, protocol assignments, benchmarks, reserved ones, and IPv4 within IPv6.
var specials = []netip.Prefix{
	netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("2002::/16"),
}
