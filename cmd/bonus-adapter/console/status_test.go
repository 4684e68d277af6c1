package console

import (
	"context"
	"errors"
	"strconv"
	"testing"
)

// TestStatusAndAskingAgain: the status is there or not, and only a console that may ask asks again.
func TestStatusAndAskingAgain(t *testing.T) {
	able := engine()
	able.Status = func() any { return map[string]int{"generation": 3} }
	able.Again = func(_ context.Context, request uint64) (any, error) {
		if request != 7 {
			return nil, errors.New("nobody knows any more")
		}
		return strconv.FormatUint(request, 10), nil
	}
	for _, test := range []struct {
		engine             Engine
		method, path, body string
		want               int
		says               string
	}{
		{engine(), "GET", "status", "", 404, `{"error":"this process keeps no status"}`},
		{able, "GET", "status", "", 200, `{"generation":3}`},
		{engine(), "POST", "again", `{"request":7}`, 403, `{"error":"` + notLive + `"}`},
		{able, "POST", "again", `{"request":7}`, 200, `"7"`},
		{able, "POST", "again", `{"request":8}`, 422, `{"error":"nobody knows any more"}`},
		{able, "GET", "again", ``, 405, `Method Not Allowed`},
	} {
		got := ask(API("v1", test.engine), test.method, APIPath+test.path, test.body, "Content-Type", "application/json")
		if got.Code != test.want || got.Body.String() != test.says+"\n" {
			t.Errorf("%s %s: %d %s, want %d %s", test.method, test.path, got.Code, got.Body, test.want, test.says)
		}
	}
}
