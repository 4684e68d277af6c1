package crm

import (
	"errors"
	"testing"

	"bonus-adapter/config"
)

func TestBase(t *testing.T) {
	lookup := func(_, name string) (string, error) {
		return map[string]string{"URL": "https://crm.ru:8443/api", "HOST": "crm.ru"}[name], nil
	}
	for text, want := range map[string][2]string{
		"https://crm.ru": {"https://crm.ru", ""}, "HTTPS://crm.ru/": {"https://crm.ru", ""}, "http://127.0.0.1:80/a b/": {"http://127.0.0.1:80", "/a%20b"},
		"${env:URL}":                              {"https://crm.ru:8443", "/api"},
		"${env:URL}/{{ auth.token }}/v1/":         {"https://crm.ru:8443", "/api/T%201/v1"},
		"https://${env:HOST}/x{{ uuid }}":         {"https://crm.ru", "/xu-u"},
		"https://crm.ru/odata/База/{{ each }}":    {"https://crm.ru", "/odata/%D0%91%D0%B0%D0%B7%D0%B0/e"},
		"https://[::1]:8080/{{ user }}{{ user }}": {"https://[::1]:8080", "/ab12ab12"},
	} {
		w := newWorld()
		w.set("auth.token", "T 1")
		template := templateOf(t, text)
		if err := template.Resolve(lookup); err != nil {
			t.Fatal(err)
		}
		var problems config.Problems
		made := newBase("base_url", &template, w.names, &problems)
		origin, path, failed := made.fill(w.env)
		if problems.Err() != nil || failed != nil || origin != want[0] || path != want[1] || made.origin() != origin || made.sources() != template.sources() {
			t.Errorf("%s: %q %q %v %v", text, origin, path, failed, problems.Err())
		}
	}
}

func TestABaseIsNotTheCallers(t *testing.T) {
	w := newWorld()
	var problems config.Problems
	template := templateOf(t, "https://crm.ru/{{ user }}")
	made := newBase("base_url", &template, w.names, &problems)
	for _, value := range []string{"..", "a/b", ".", "", "%2e"} {
		w.set("user", value)
		if _, _, failed := made.fill(w.env); failed == nil || failed.Kind != BadCustomer {
			t.Errorf("%q: %v", value, failed)
		}
	}
}

func TestBaseProblems(t *testing.T) {
	for text, want := range map[string]struct {
		says   string
		offset int
	}{
		"": {"missing", 0}, "crm.ru": {"absolute", 0}, "ftp://crm.ru": {"absolute", 0}, "https://": {"absolute", 0}, "https:///a": {"absolute", 0},
		"https://crm.ru//api": {"two slashes", 0}, "https://u:p@crm.ru": {"only", 0}, "https://crm.ru?a=1": {"only", 0}, "https://crm.ru/?": {"only", 0}, "https://crm.ru#a": {"only", 0},
		"https://crm.ru/?a={{ user }}": {"only", 0}, `https://crm.ru\@evil.ru/`: {"absolute", 0},
		"https://{{ user }}.ru/": {"never the caller's", 10}, "{{ auth.token }}": {"never the caller's", 2}, "https://crm.ru:{{ user }}/": {"never the caller's", 17},
		"https://crm.ru{{ user }}/": {"never the caller's", 16}, "https://crm.ru?{{ user }}/": {"never the caller's", 17}, "https://u{{ user }}@crm.ru/": {"never the caller's", 11},
		"https://crm.ru/{{ nobody }}": {"nothing is called", 18}, "https:/{{ user }}/": {"never the caller's", 9}, `https://crm.ru\{{ user }}/`: {"never the caller's", 17},
		"https://{{ user }}.${env:X}": {"never the caller's", 10},
	} {
		w := newWorld()
		var problems config.Problems
		template := templateOf(t, text)
		newBase("base_url", &template, w.names, &problems)
		all := config.All(problems.Err())
		hasProblem(t, problems.Err(), "base_url", want.says)
		if len(all) != 1 || all[0].Offset != want.offset {
			t.Errorf("%s: %v at %d", text, all, all[0].Offset)
		}
	}
}

func TestABaseWithoutItsSecretsIsEmpty(t *testing.T) {
	for _, text := range []string{"${env:URL}", "${env:URL}/{{ user }}", "https://${env:HOST}/a", "https://crm.ru/{{ user }}/${env:X}"} {
		w := newWorld()
		var problems config.Problems
		template := templateOf(t, text)
		made := newBase("base_url", &template, w.names, &problems)
		origin, path, failed := made.fill(w.env)
		if failed != nil || errors.Join(problems.Err()) != nil || origin+path+made.origin() != "" {
			t.Errorf("%s: %q %q %v %v", text, origin, path, failed, problems.Err())
		}
	}
}
