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

// TestSOAPPresetsSendASOAPAction, without which a server of SOAP 1.1 may refuse a request.
func TestSOAPPresetsSendASOAPAction(t *testing.T) {
	for _, one := range allPresets(t) {
		yaml := configOf(t, one)
		if !strings.Contains(yaml, " soap:") {
			continue
		}
		server := crmtest.New(t, crmtest.Answer(http.StatusInternalServerError, ""))
		file, err := parseConfig("config.yaml", []byte(yaml))
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
			t.Fatal(err)
		}
		_, _ = made.client.History(t.Context(), crm.NewCustomer("12345"))
		made.client.Close()
		if asked := server.Asked(); len(asked) == 0 || asked[0].Header.Get("SOAPAction") != `""` || !strings.HasPrefix(asked[0].Header.Get("Content-Type"), "text/xml") {
			t.Errorf("%s: %+v", one.Name, asked)
		}
	}
}
