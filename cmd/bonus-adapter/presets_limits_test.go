package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"bonus-adapter/crm"
	"bonus-adapter/crm/crmtest"
)

// TestPresetsKeepToTheirVendorsLimits: where a vendor has published a limit, its preset keeps to it.
func TestPresetsKeepToTheirVendorsLimits(t *testing.T) {
	limits := map[string]struct {
		requests, weight int // of all steps
		per              time.Duration
		header, unit     string // in which an answer tells when to come again
	}{
		"retailcrm":  {10, 0, time.Second, "", ""},
		"moysklad":   {45, 4, 3 * time.Second, "X-Lognex-Retry-After", "ms"},
		"smile":      {10, 0, time.Second, "", ""},
		"voucherify": {100, 0, time.Minute, "X-Rate-Limit-Retry", "epoch"},
		"capillary":  {1000, 0, time.Minute, "", ""},
		"quickresto": {60, 0, time.Minute, "", ""},
	}
	for _, one := range allPresets(t) {
		limit, published := limits[one.Name]
		if !published {
			continue
		}
		file, err := parseConfig("config.yaml", []byte(configOf(t, one)))
		if err != nil {
			t.Fatal(err)
		}
		var whole sections
		if err := file.decode(&whole, func(string, string) (string, error) { return "http://127.0.0.1", nil }); err != nil {
			t.Fatal(err)
		}
		rate := whole.CRM.Rate
		if rate.Requests < 1 || rate.Requests > limit.requests || time.Duration(rate.Per) < limit.per || rate.RetryAfter.Header != limit.header || rate.RetryAfter.Unit != limit.unit {
			t.Errorf("%s: %+v", one.Name, rate)
		}
		for _, step := range whole.CRM.Steps {
			if step.Weight != limit.weight {
				t.Errorf("%s: a request of %s costs %d, want %d", one.Name, step.Name, step.Weight, limit.weight)
			}
		}
	}
}

// TestPresetsSendTheirHeaders: cases do not compare headers, and not every vendor has a stand-in that would.
func TestPresetsSendTheirHeaders(t *testing.T) {
	for name, header := range map[string]string{
		"1c-odata": "Authorization: Basic dmFsdWU6dmFsdWU=", "quickresto": "Authorization: Basic dmFsdWU6dmFsdWU=", "odata": "Accept: application/json",
		"rarus": "Token: made-up", "loymax": "Authorization: Bearer made-up", "iiko": "Authorization: Bearer made-up", "square": "Square-Version: 2025-08-20",
		"maxma": "Accept-Language: ru", "mindbox": "Accept: application/json", "mindbox-xml": "Accept: application/xml", "setretail": `Soapaction: ""`, "soap": `Soapaction: ""`,
	} {
		asked := askedBy(t, name, `{"token":"made-up","access_token":"made-up","expires_in":600}`)
		if len(asked) == 0 {
			t.Errorf("%s asks for nothing", name)
			continue
		}
		key, want, _ := strings.Cut(header, ": ")
		if last := asked[len(asked)-1]; last.Header.Get(key) != want {
			t.Errorf("%s sends %s: %q, want %q", name, key, last.Header.Get(key), want)
		}
	}
}

// askedBy gives what a preset asks of a CRM that answers always the same.
func askedBy(t *testing.T, name, body string) []crmtest.Request {
	t.Helper()
	server := crmtest.New(t, crmtest.Answer(http.StatusOK, body))
	file, err := parseConfig("config.yaml", []byte(configOf(t, preset{Name: name})))
	if err != nil {
		t.Fatal(err)
	}
	made, err := construct(file, func(_, name string) (string, error) {
		if strings.HasSuffix(name, "_URL") {
			return server.URL, nil
		}
		return "value", nil
	}, zap.NewNop())
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	defer made.client.Close()
	_, _ = made.client.History(t.Context(), crm.NewCustomer("12345"))
	return server.Asked()
}
