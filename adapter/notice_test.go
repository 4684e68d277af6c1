package adapter

import (
	"fmt"
	"slices"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"bonus-adapter/mapping"
)

func TestWhatAConfigDoesNotCoverIsToldOnce(t *testing.T) {
	core, logs := observer.New(zap.WarnLevel)
	n := newNotices(zap.New(core), []string{"comment", "expires", "order"})
	told := func() (lines []string) {
		for _, line := range logs.TakeAll() {
			fields := line.ContextMap()
			lines = append(lines, fmt.Sprint(fields["code"], fields["field"], " ", fields["records"]))
		}
		slices.Sort(lines)
		return lines
	}
	for _, c := range []struct {
		result mapping.Result
		want   string
	}{
		{mapping.Result{Records: 60, Codes: []mapping.CodeCount{{Code: "X", Count: 2}, {Code: mapping.OtherCodes, Count: 9}}, NeverSeen: []string{"comment", "expires"}}, "[X<nil> 2]"},
		{mapping.Result{Records: 39, Codes: []mapping.CodeCount{{Code: "X", Count: 1}}, NeverSeen: []string{"comment", "expires", "order"}}, "[]"},
		{mapping.Result{Records: 5, Unreadable: 5}, "[]"}, // nobody knows what these had
		{mapping.Result{Records: 1, NeverSeen: []string{"expires", "order"}}, "[<nil>mapping.fields.expires 100]"},
		{mapping.Result{Records: 500, NeverSeen: []string{"comment", "expires", "order"}}, "[]"}, // the others were there once
	} {
		n.learn(&c.result)
		if got := fmt.Sprint(told()); got != c.want {
			t.Errorf("%+v: told %s, want %s", c.result, got, c.want)
		}
	}
	for i := range 300 {
		n.learn(&mapping.Result{Records: 1, Codes: []mapping.CodeCount{{Code: fmt.Sprint("Y", i), Count: 1}}})
	}
	if lines := told(); len(lines) != mostNotices-1 {
		t.Errorf("%d codes are told", len(lines))
	}
}

func TestWhatIsLeftOutOnPurposeIsInTheLog(t *testing.T) {
	if got := leftOut(&mapping.Result{Skipped: 1, Waiting: 2, Duplicates: 3, Grouped: 4, Old: 5, Unmatched: 6}); got != "skipped=1 pending=2 duplicate=3 grouped=4 old=5" {
		t.Error(got)
	}
	if got := leftOut(&mapping.Result{Unreadable: 1}); got != "" {
		t.Error(got)
	}
}
