package config_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"bonus-adapter/config"
)

func TestDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{"2s": 2 * time.Second, "250ms": 250 * time.Millisecond, "1m30s": 90 * time.Second, "2": 0, "": 0, "-1s": 0, "0s": 0, "2 s": 0, "1d": 24 * time.Hour, "365d": 365 * 24 * time.Hour, "0d": 0, "-1d": 0, "1.5d": 0, "d": 0, "65536d": 0, "1d1h": 0} {
		var d config.Duration
		if err := d.UnmarshalText([]byte(text)); (err == nil) != (want > 0) || time.Duration(d) != want {
			t.Errorf("%q: %v %v", text, d, err)
		}
	}
}

func TestDurationsAreWrittenAsTheyAreRead(t *testing.T) {
	for _, want := range []string{"250ms", "1m30s", "1h0m0s", "1d", "365d", "25h0m0s"} {
		var d config.Duration
		if err := d.UnmarshalText([]byte(want)); err != nil || d.String() != want {
			t.Errorf("%s: %s %v", want, d, err)
		}
	}
}

func TestSize(t *testing.T) {
	for text, want := range map[string]config.Size{"64KiB": 64 << 10, "16 MiB": 16 << 20, "1GiB": 1 << 30, "512": 512, "0": 0, "-1": 0, "1.5MiB": 0, "9999999999GiB": 0, "MiB": 0, "": 0} {
		var s config.Size
		if err := s.UnmarshalText([]byte(text)); (err == nil) != (want > 0) || s != want {
			t.Errorf("%q: %v %v", text, s, err)
		}
	}
	for size, want := range map[config.Size]string{64 << 10: "64KiB", 16 << 20: "16MiB", 1 << 30: "1GiB", 1500: "1500"} {
		if size.String() != want {
			t.Errorf("%d: %s", int64(size), size)
		}
	}
}

func TestShare(t *testing.T) {
	for text, want := range map[string]float64{"20%": 0.2, "0%": 0, "100%": 1, "0.5%": 0.005, "20": -1, "0.2": -1, "101%": -1, "-1%": -1, "NaN%": -1, "%": -1} {
		var s config.Share
		err := s.UnmarshalText([]byte(text))
		if (err == nil) != (want >= 0) || (err == nil && float64(s) != want) {
			t.Errorf("%q: %v %v", text, s, err)
		}
	}
}

func lookup(scheme, name string) (string, error) {
	switch scheme + ":" + name {
	case "env:KEY", "file:/key":
		return "hunter2", nil
	case "env:EMPTY":
		return "", nil
	}
	return "", errors.New("it is not set")
}

func TestSecretResolves(t *testing.T) {
	for text, want := range map[string]string{"${env:KEY}": "hunter2", "a-${env:KEY}-${file:/key}": "a-hunter2-hunter2", "plain": "plain", "": "", "$x": "$x"} {
		var s config.Secret
		if err := errors.Join(s.UnmarshalText([]byte(text)), s.Resolve(lookup)); err != nil || s.Reveal() != want {
			t.Errorf("%q: %q %v", text, s.Reveal(), err)
		}
	}
	for text, says := range map[string]string{"${env:KEY": "no closing", "${KEY}": "not a reference", "${vault:x}": "not a reference", "${env:}": "not a reference"} {
		var s config.Secret
		if err := s.UnmarshalText([]byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestAnUnsetReferenceIsAProblemAtItsPlace(t *testing.T) {
	var s config.Secret
	if err := s.UnmarshalText([]byte("ab${env:EMPTY}${env:NONE}")); err != nil {
		t.Fatal(err)
	}
	problems := config.All(s.Resolve(lookup))
	if len(problems) != 2 || problems[0].Offset != 2 || problems[1].Offset != 14 || s.Resolved() {
		t.Errorf("%v", problems)
	}
}

func TestASecretCannotBePrinted(t *testing.T) {
	var referring, literal config.Secret
	if err := errors.Join(referring.UnmarshalText([]byte("x${env:KEY}")), referring.Resolve(lookup), literal.UnmarshalText([]byte("hunter2"))); err != nil {
		t.Fatal(err)
	}
	inside := struct{ S, L config.Secret }{referring, literal}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if text := fmt.Sprintf(verb, inside); strings.Contains(text, "hunter2") || strings.Contains(text, fmt.Sprintf("%x", "hunter2")) {
			t.Errorf("%s prints %s", verb, text)
		}
	}
	if text, _ := json.Marshal(inside); string(text) != `{"S":"x${env:KEY}","L":"***"}` {
		t.Errorf("JSON: %s", text)
	}
}

func TestProblemsKeepTheirPlaces(t *testing.T) {
	var inner, outer config.Problems
	inner.Add("[0].when", "bad").Hint = "good"
	inner.AddError("", nil)
	outer.AddError("rules", inner.Err())
	outer.AddError("x", errors.New("plain"))
	var all []string
	for _, problem := range config.All(outer.Err()) {
		all = append(all, problem.Error())
	}
	if got := strings.Join(all, "; "); got != "rules[0].when: bad (good); x: plain" {
		t.Error(got)
	}
	if (&config.Problems{}).Err() != nil || config.All(nil) != nil {
		t.Error("no problems are no error")
	}
}

func TestPlaces(t *testing.T) {
	for got, want := range map[string]string{
		config.Join("a", "b"): "a.b", config.Join("", "b"): "b", config.Join("a", ""): "a", config.Join("a", "[0]"): "a[0]",
		config.Member("a", "b"): "a.b", config.Member("a", "filter[x][]"): "a['filter[x][]']", config.Index("a", 3): "a[3]",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
