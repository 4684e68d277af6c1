package adapter_test

import (
	"context"
	"errors"
	"testing"

	"bonus-adapter/crm"
)

// TestAnUnknownCodeIsLoggedOnce: however many requests meet it.
func TestAnUnknownCodeIsLoggedOnce(t *testing.T) {
	d := open(t, settings(), reads("5", "-1", "-2"))
	for range 3 {
		d.expect(t, d.send(t, "POST", path, body, "key", key), 200, "live; unmatched=2")
	}
	if lines := d.logs.FilterMessage("no rule or kind covers some records, whose code is not known").All(); len(lines) != 1 || lines[0].ContextMap()["records"] != int64(2) {
		t.Errorf("%+v", lines)
	}
}

// TestAPartOfAHistorySaysSo: a shortened answer tells why, and a part without entries is a failure: nobody knows whether
// the rest has any.
func TestAPartOfAHistorySaysSo(t *testing.T) {
	cut := &crm.Error{Kind: crm.Timeout, Step: "expiring", Err: errors.New("late")}
	for want, read := range map[string]ledger{
		"live; partial=crm_timeout":              reads("5"),
		"live; partial=crm_timeout; unmatched=1": reads("5", "-1"),
		"fallback; reason=crm_timeout":           reads(),
	} {
		d := open(t, settings(), func(ctx context.Context, customer crm.Customer) (*crm.History, error) {
			history, err := read(ctx, customer)
			history.Partial = cut
			return history, err
		})
		d.expect(t, d.send(t, "POST", path, body, "key", key), 200, want)
		if line := d.logs.FilterMessage("request").All()[0]; line.Level.String() != "warn" || line.ContextMap()["step"] != "expiring" {
			t.Errorf("%s is logged as %s %v", want, line.Level, line.ContextMap())
		}
	}
}
