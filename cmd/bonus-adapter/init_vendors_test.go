package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bonus-adapter/cmd/bonus-adapter/infer"
)

// vendorAnswer is what a vendor's documentation says of one of its samples. Which records add points and which lose some
// is told by the codes; an amount that nothing classifies has to be asked about.
type vendorAnswer struct {
	records          string
	amount           []string // the columns that hold points
	created, expires string   // created may be one of several, parted by |
	by               string   // what tells earned points from lost ones
	added, expired   []string // codes that may have such a rule
	asks             string   // what has to be asked
}

// vendorAnswers are facts about samples that lie where BONUS_ADAPTER_SAMPLES points, and are never copied.
func vendorAnswers() map[string]vendorAnswer {
	signed := func(records, amount, created, expires string) vendorAnswer {
		return vendorAnswer{records: records, amount: strings.Fields(amount), created: created, expires: expires, by: infer.BySign}
	}
	return map[string]vendorAnswer{
		"capillary-ledger-info.json":                         signed("ledgerEntries", "netPointsOnEvent", "ledgerCreatedDate", ""),
		"capillary-points-transfer-details.json":             {records: "data", amount: []string{"pointsTransferred"}, created: "pointsTransferDate", by: infer.ByCode, expired: []string{"DEDUCTION"}},
		"loymax-detailed-balance-operations.json":            signed("data", "amount", "date", ""),
		"loymax-history.json":                                {records: "data.rows", amount: []string{"data.amount.amount"}, created: "dateTime", by: infer.BySign, asks: "is money, not points"},
		"mindbox-balance-history-response.xml":               {records: "result.customerActions.customerAction[*].customerBalanceChanges.customerBalanceChange", amount: []string{"changeAmount"}, created: "^.dateTimeUtc", expires: "expirationDateTimeUtc", by: infer.ByNothing, asks: "lost points"},
		"moysklad-bonustransaction-list.json":                {records: "rows", amount: []string{"bonusValue"}, created: "moment|created", by: infer.ByCode, added: []string{"EARNING"}, expired: []string{"SPENDING"}},
		"onec-bonus-recordtype.json":                         {records: "value", amount: []string{"Начислено", "КСписанию"}, created: "Period", by: infer.ByColumns},
		"onec-recordset.json":                                {records: "[*].RecordSet", amount: []string{"Количество"}, created: "Period", by: infer.ByCode, added: []string{"Receipt"}},
		"rees46-bonuses-history.json":                        signed("", "amount", "date", "expiration_date"),
		"rees46-event-bonus-history.json":                    {records: "", amount: []string{"amount"}, created: "date", expires: "expiration_date", by: infer.ByCode, asks: "does it add points"},
		"retailcrm-all-bonus-operations.json":                signed("bonusOperations", "amount", "createdAt", ""),
		"retailcrm-bonus-details.json":                       {records: "bonuses", amount: []string{"amount"}, created: "date", by: infer.ByNothing, asks: "lost points"},
		"retailcrm-bonus-operations.json":                    signed("bonusOperations", "amount", "createdAt", ""),
		"salesforce-transaction-ledger-summary.json":         signed("transactionJournals[*].pointsChange", "changeInPoints", "^.activityDate", ""),
		"smileio-points-transactions-list.json":              {records: "points_transactions", amount: []string{"points_change"}, created: "created_at", by: infer.ByNothing, asks: "lost points"},
		"square-events-search-response.json":                 {records: "events", amount: []string{"accumulate_points.points", "create_reward.points"}, created: "created_at", by: infer.ByCode, added: []string{"ACCUMULATE_POINTS"}, asks: "CREATE_REWARD"},
		"talonone-profile-points-openapi-example.json":       {records: "data", amount: []string{"amount"}, created: "created", by: infer.ByNothing, asks: "lost points"},
		"talonone-profile-transactions-openapi-example.json": {records: "data", amount: []string{"amount"}, created: "created", by: infer.ByCode, added: []string{"addition"}},
		"uds-operations.json":                                {records: "rows", amount: []string{"points"}, created: "dateCreated", by: infer.ByCode, asks: "PURCHASE"},
		"voucherify-v2-card-transactions.json":               {records: "data", amount: []string{"details.points.total"}, created: "created_at", expires: "details.points.expiration_date", by: infer.ByCode, added: []string{"ADMIN_CREDIT"}, asks: "PENDING_POINTS_ADDED"},
		"voucherify-v2-pending-points.json":                  {records: "data", amount: []string{"points.total"}, created: "created_at", by: infer.ByCode, asks: "PENDING"},
	}
}

// TestInitSampleOfVendors proposes configs after vendors' own samples, and prints how many are right.
func TestInitSampleOfVendors(t *testing.T) {
	all := vendorAnswers()
	folder := os.Getenv("BONUS_ADAPTER_SAMPLES")
	if folder == "" {
		t.Skipf("BONUS_ADAPTER_SAMPLES is not set: %d samples were not looked at", len(all))
	}
	right := map[string]int{}
	for name, want := range all {
		body, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := infer.Propose([]infer.Sample{{Name: name, Body: body}})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for what, holds := range want.judge(got) {
			if holds {
				right[what]++
			} else {
				t.Logf("%s: the %s is not right", name, what)
			}
		}
		if wrong := want.wrongSigns(got); wrong != "" {
			t.Errorf("%s: a silent wrong sign: %s", name, wrong)
		}
		checkVendorConfig(t, filepath.Join(folder, name), got.Mock)
	}
	for what, least := range map[string]int{"list": 90, "amount": 80, "time": 80, "classification": 80} {
		share := 100 * right[what] / len(all)
		t.Logf("%s right in %d of %d samples, %d %%", what, right[what], len(all), share)
		if share < least {
			t.Errorf("%s is right in %d %%, less than %d %%", what, share, least)
		}
	}
}

// judge compares a proposal with the vendor's facts.
func (want vendorAnswer) judge(got *infer.Proposal) map[string]bool {
	var amounts []string
	times := map[string]string{}
	for _, field := range got.Fields {
		switch {
		case field.As == "decimal":
			amounts = append(amounts, field.At)
		case field.As == "time" || field.As == "date":
			times[field.Name] = field.At
		}
	}
	slices.Sort(amounts)
	slices.Sort(want.amount)
	return map[string]bool{
		"list":           got.Records == want.records,
		"amount":         slices.Equal(amounts, want.amount),
		"time":           slices.Contains(strings.Split(want.created, "|"), times["created"]) && times["expires"] == want.expires,
		"classification": got.By == want.by && want.classified(got),
	}
}

func (want vendorAnswer) classified(got *infer.Proposal) bool {
	added, expired := inForce(got)
	for _, code := range want.added {
		if !slices.Contains(added, code) {
			return false
		}
	}
	for _, code := range want.expired {
		if !slices.Contains(expired, code) {
			return false
		}
	}
	return want.asks == "" || strings.Contains(strings.Join(got.Asked, "\n"), want.asks)
}

var quotedText = regexp.MustCompile(`"([^"]*)"`)

// inForce gives the codes whose points a proposal adds or takes away without being answered first.
func inForce(got *infer.Proposal) (added, expired []string) {
	for _, rule := range got.Rules {
		if rule.Ask || rule.Skip || !strings.Contains(rule.When, "type ==") && !strings.Contains(rule.When, "type in") {
			continue
		}
		for _, code := range quotedText.FindAllStringSubmatch(rule.When, -1) {
			if rule.Added != "" {
				added = append(added, code[1])
			} else {
				expired = append(expired, code[1])
			}
		}
	}
	for _, group := range got.Kinds {
		switch {
		case group.Ask:
		case group.Name == "added":
			added = append(added, group.Codes...)
		default:
			expired = append(expired, group.Codes...)
		}
	}
	return added, expired
}

// wrongSigns gives what is in force without being asked about and is not what the vendor says.
func (want vendorAnswer) wrongSigns(got *infer.Proposal) string {
	added, expired := inForce(got)
	for _, code := range added {
		if !slices.Contains(want.added, code) {
			return code
		}
	}
	for _, code := range expired {
		if !slices.Contains(want.expired, code) {
			return code
		}
	}
	if want.by == infer.ByNothing && !strings.Contains(strings.Join(got.Rules[0].Notes, " "), "ASK") {
		return got.Rules[0].When
	}
	return ""
}

// checkVendorConfig writes the proposal and asks check and test about it. A sample of placeholders has no case.
func checkVendorConfig(t *testing.T, sample string, mock bool) {
	t.Helper()
	dir, out, code := begunIn(t, "--sample", sample)
	if code != 0 {
		t.Errorf("%s: %s", sample, out)
		return
	}
	if got, code := runs(t, "check", filepath.Join(dir, "config.yaml")); code != 0 {
		t.Errorf("%s: %s", sample, got)
	}
	if mock {
		return
	}
	if got, code := runs(t, "test", dir); code != 0 {
		t.Errorf("%s: %s", sample, got)
	}
	if got := entriesOf(t, filepath.Join(dir, "tests", "sample")); strings.Contains(got, "fallback") {
		t.Errorf("%s: %s", sample, got)
	}
}
