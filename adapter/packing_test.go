package adapter

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestPackingIsExact(t *testing.T) {
	owner := strings.Repeat("o", 32)
	for _, o := range []outcome{
		{status: http.StatusOK, source: live, entries: 2, skipped: 3, unmatched: 300, rendered: []byte(`{"bonuses":[{},{}]}` + "\n")},
		{status: http.StatusOK, source: live, reason: UserNotFound},
	} {
		packed := o.pack(owner, 90*time.Second)
		got, spare, ok := unpack(packed, owner)
		o.source, o.rendered = cached, o.body()
		if !ok || spare != 90*time.Second || got.history() != o.history() || got.entries != o.entries || !bytes.Equal(got.body(), o.body()) {
			t.Errorf("%+v %v %v", got, spare, ok)
		}
		for cut := range packed {
			if _, _, ok := unpack(packed[:cut], owner); ok {
				t.Errorf("%d of %d bytes are taken for the whole", cut, len(packed))
			}
		}
		if _, _, ok := unpack(packed, strings.Repeat("p", 32)); ok {
			t.Error("it is taken for another customer's")
		}
		packed[0]++
		if _, _, ok := unpack(packed, owner); ok {
			t.Error("another version is taken for this one")
		}
	}
}

// FuzzUnpack: whatever a store gives, it is an answer that would have been kept, or none.
func FuzzUnpack(f *testing.F) {
	owner := "owner"
	good := outcome{entries: 1, skipped: 1, rendered: []byte(`{"bonuses":[{}]}` + "\n")}
	f.Add(good.pack(owner, time.Minute))
	f.Add((&outcome{reason: NoTransactions}).pack(owner, 0))
	f.Add([]byte("\x01owner\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, kept []byte) {
		o, spare, ok := unpack(kept, owner)
		if !ok {
			return
		}
		if spare < 0 || o.entries < 0 || o.skipped < 0 || o.status != http.StatusOK || o.source != cached || (o.reason == "") != (o.entries > 0) {
			t.Errorf("%+v %v", o, spare)
		}
	})
}
