package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bonus-adapter/crm/crmtest"
)

// vendorTest asks a stand-in of a vendor's API by the real program and the vendor's preset.
type vendorTest struct {
	preset string
	vendor http.Handler
	env    map[string]string // what the preset's references stand for; URL is the stand-in's address
	asked  []askedOf         // in this order, by one program
	wrong  string            // the reference whose value a second program has wrong: it is crm_auth
}

// askedOf is one customer and what comes of asking for them.
type askedOf struct {
	user, history string
	told          string // entries, points added and expired
	first         string // the newest entry
}

func vendorTests() []vendorTest {
	none := "0 entries +0 -0"
	mindbox := func(name string) vendorTest {
		return vendorTest{
			name,
			crmtest.Mindbox{Endpoint: "shop.App", Operation: "App.History", Key: "mindbox-key"},
			map[string]string{"MINDBOX_URL": "URL", "MINDBOX_ENDPOINT": "shop.App", "MINDBOX_OPERATION": "App.History", "MINDBOX_KEY": "mindbox-key"},
			[]askedOf{
				{crmtest.Busy, "live", "1003 entries +1265.1 -100", `{"added":215.1,"expired":0,"definitionMessage":"Начисление за заказ","activationDate":"1773651600000","expirationDate":"1803978000000"}`},
				{crmtest.Newbie, "live; reason=no_transactions", none, ""},
				{crmtest.Unknown, "live; reason=user_not_found", none, ""},
				{crmtest.Unlucky, "fallback; reason=crm_error_body", none, ""},
			},
			"MINDBOX_KEY",
		}
	}
	return []vendorTest{
		{
			"retailcrm",
			crmtest.RetailCRM{Key: "retail-key"},
			map[string]string{"RETAILCRM_URL": "URL", "RETAILCRM_KEY": "retail-key", "RETAILCRM_SITE": "myshop"},
			[]askedOf{
				{crmtest.Busy, "live", "130 entries +512.8 -247", `{"added":500,"expired":0,"definitionMessage":"Приветственные бонусы","activationDate":"1773522000000","expirationDate":null}`},
				{crmtest.Newbie, "live; reason=no_transactions", none, ""},
				{crmtest.Unknown, "live; reason=user_not_found", none, ""},
				{"twice", "fallback; reason=crm_error_body", none, ""},
				{crmtest.Hasty, "fallback; reason=crm_rate_limited", none, ""},
			},
			"RETAILCRM_KEY",
		},
		{
			"maxma", &crmtest.MAXMA{Key: "maxma-key"},
			map[string]string{"MAXMA_URL": "URL", "MAXMA_KEY": "maxma-key"},
			[]askedOf{
				{crmtest.Busy, "live", "123 entries +420 -55", `{"added":0,"expired":40,"definitionMessage":"Списание за покупку A-17","activationDate":"1772442000000","expirationDate":null}`},
				{crmtest.Newbie, "live; reason=no_transactions", none, ""},
				{crmtest.Unknown, "live; reason=user_not_found", none, ""},
				{crmtest.Unlucky, "fallback; reason=crm_error_body", none, ""},
				{crmtest.Hasty, "live; reason=no_transactions", none, ""}, // asked twice
			},
			"MAXMA_KEY",
		},
		{
			"rees46",
			crmtest.REES46{ShopID: "shop", Secret: "rees-secret"},
			map[string]string{"REES46_URL": "URL", "REES46_SHOP_ID": "shop", "REES46_SHOP_SECRET": "rees-secret"},
			[]askedOf{
				{"+7 900 123-45-67", "live", "53 entries +1220 -300", `{"added":120,"expired":0,"definitionMessage":"Начисление за заказ pc19840","activationDate":"4076859600000","expirationDate":"4102347600000"}`},
				{"79000000000", "live; reason=no_transactions", none, ""},
				{"79999999999", "fallback; reason=crm_rate_limited", none, ""},
			},
			"REES46_SHOP_SECRET",
		},
		{
			"moysklad",
			crmtest.MoySklad{Token: "moy-token"},
			map[string]string{"MOYSKLAD_URL": "URL", "MOYSKLAD_TOKEN": "moy-token"},
			[]askedOf{
				{crmtest.Busy, "live", "1003 entries +1400 -40", `{"added":100,"expired":0,"definitionMessage":"Начисление бонусов","activationDate":"4077205200000","expirationDate":null}`},
				{crmtest.Newbie, "live; reason=no_transactions", none, ""},
				{crmtest.Unknown, "live; reason=user_not_found", none, ""},
				{"twice", "fallback; reason=crm_error_body", none, ""},
				{crmtest.Hasty, "fallback; reason=crm_rate_limited", none, ""},
			},
			"MOYSKLAD_TOKEN",
		},
		mindbox("mindbox"),
		mindbox("mindbox-xml"),
	}
}

// TestPresetsAskTheirVendors starts the real program with each preset in front of the vendor's stand-in, over HTTP.
func TestPresetsAskTheirVendors(t *testing.T) {
	binary := buildProgram(t)
	presets := map[string]preset{}
	for _, one := range allPresets(t) {
		presets[one.Name] = one
	}
	for _, test := range slices.Concat(vendorTests(), foreignVendorTests(), genericTests(t)) {
		t.Run(test.preset, func(t *testing.T) {
			one, known := presets[test.preset]
			if !known {
				t.Fatalf("there is no preset %s", test.preset)
			}
			server := crmtest.New(t, test.vendor.ServeHTTP)
			env := map[string]string{"IRP_KEY": demoKey}
			for name, value := range test.env {
				env[name] = strings.Replace(value, "URL", server.URL, 1)
			}
			test.ask(t, startProgram(t, binary, onLoopback(configOf(t, one)), env))
			env = maps.Clone(env)
			env[test.wrong] = "wrong"
			refused := startProgram(t, binary, onLoopback(configOf(t, one)), env)
			if _, history, _ := post(t, http.DefaultClient, refused.url, test.asked[0].user); history != "fallback; reason=crm_auth" {
				t.Errorf("with a wrong %s: %s\n%s", test.wrong, history, refused.log)
			}
		})
	}
}

// onLoopback lets a login name the stand-in's host, where a preset allows for the vendor's only, and shows every entry,
// where a preset shows the newest ones: that all pages were read must be seen.
func onLoopback(yaml string) string {
	yaml = strings.Replace(yaml, "\n  limit: 200", "\n  limit: 100000", 1)
	return strings.ReplaceAll(yaml, "*.my.salesforce.com", "127.0.0.1")
}

// TestMoySkladIsLeftAloneForMilliseconds: taken for seconds, its 50 would be longer than anybody waits.
func TestMoySkladIsLeftAloneForMilliseconds(t *testing.T) {
	server := crmtest.New(t, crmtest.MoySklad{Token: "moy-token"}.ServeHTTP)
	env := map[string]string{"IRP_KEY": demoKey, "MOYSKLAD_URL": server.URL, "MOYSKLAD_TOKEN": "moy-token"}
	p := startProgram(t, buildProgram(t), configOf(t, preset{Name: "moysklad"}), env)
	if _, history, _ := post(t, http.DefaultClient, p.url, crmtest.Hasty); history != "fallback; reason=crm_rate_limited" {
		t.Error(history)
	}
	waitUntil(t, func() bool {
		_, history, _ := post(t, http.DefaultClient, p.url, crmtest.Unknown)
		return history == "live; reason=user_not_found"
	})
}

func (v vendorTest) ask(t *testing.T, p *process) {
	t.Helper()
	for _, one := range v.asked {
		status, history, body := post(t, http.DefaultClient, p.url, one.user)
		told, first := summary(t, body)
		if status != http.StatusOK || history != one.history || told != one.told || first != one.first {
			t.Errorf("%s: %d %s\n%s\n%s\nwant %s\n%s\n%s", one.user, status, history, told, first, one.history, one.told, one.first)
		}
	}
	log := chance.ReplaceAllString(p.log.String(), "")
	for name, value := range v.env {
		if value != "URL" && strings.Contains(log, value) {
			t.Errorf("the log tells %s:\n%s", name, log)
		}
	}
	for _, one := range v.asked {
		if strings.Contains(log, one.user) {
			t.Errorf("the log tells a customer's id:\n%s", log)
		}
	}
}

// chance is what a line of log holds that may be anything: times, durations and hashes. An id is not looked for there.
var chance = regexp.MustCompile(`"(?:time|customer)":"[^"]*"|"\w+_ms":[0-9.]+`)

// summary counts an answer's entries and adds their points up, and gives the first entry as it is.
func summary(t *testing.T, body string) (told, first string) {
	t.Helper()
	var answer struct {
		Bonuses []json.RawMessage `json:"bonuses"`
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	added, expired := new(big.Rat), new(big.Rat)
	for _, raw := range answer.Bonuses {
		var entry struct{ Added, Expired json.Number }
		if err := json.Unmarshal(raw, &entry); err != nil {
			t.Fatal(err)
		}
		for sum, text := range map[*big.Rat]json.Number{added: entry.Added, expired: entry.Expired} {
			points, ok := new(big.Rat).SetString(text.String())
			if !ok {
				t.Fatalf("%s is no number", text)
			}
			sum.Add(sum, points)
		}
	}
	if len(answer.Bonuses) > 0 {
		first = string(answer.Bonuses[0])
	}
	return fmt.Sprintf("%d entries +%s -%s", len(answer.Bonuses), plain(added), plain(expired)), first
}

// plain writes a sum as short as it is exact.
func plain(sum *big.Rat) string {
	if sum.IsInt() {
		return sum.Num().String()
	}
	return strings.TrimRight(sum.FloatString(6), "0")
}
