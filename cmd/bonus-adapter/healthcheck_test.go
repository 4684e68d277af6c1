package main

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestHealthcheck: one of the ports that answers well is enough, none is a failure.
func TestHealthcheck(t *testing.T) {
	well := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer well.Close()
	ill := httptest.NewServer(http.NotFoundHandler())
	defer ill.Close()
	gone := httptest.NewServer(nil)
	gone.Close()
	for _, test := range []struct {
		urls []string
		fail string
	}{
		{[]string{well.URL}, ""},
		{[]string{gone.URL, well.URL}, ""},
		{[]string{ill.URL, well.URL}, ""},
		{[]string{ill.URL}, "answers 404"},
		{[]string{gone.URL, ill.URL}, "refused"},
		{[]string{"http://[::1"}, "usage"},
	} {
		var printed bytes.Buffer
		err := (&program{out: &printed}).alive(t.Context(), test.urls...)
		if test.fail == "" && (err != nil || printed.String() != "ok\n") || test.fail != "" && (err == nil || !strings.Contains(err.Error(), test.fail)) {
			t.Errorf("%v: %v %q, want %q", test.urls, err, printed.String(), test.fail)
		}
	}
	if err := (&program{}).alive(t.Context(), ":"); !errors.Is(err, errUsage) {
		t.Error(err)
	}
}
