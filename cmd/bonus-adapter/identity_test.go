package main

import (
	"strings"
	"testing"

	"go.uber.org/zap"

	"bonus-adapter/config"
	"bonus-adapter/store"
)

// TestNoTwoConfigsHaveOneIdentity: a key more, another secret, a secret cut elsewhere.
func TestNoTwoConfigsHaveOneIdentity(t *testing.T) {
	const text = "crm:\n  base_url: https://${env:A}.ru\n  auth: { bearer: \"${env:B}\" }\n"
	of := func(text, a, b string) string {
		file, err := parseConfig("config.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		values := map[string]string{"A": a, "B": b}
		return file.identity(func(_, name string) (string, error) { return values[name], nil })
	}
	seen := map[string]bool{}
	for _, one := range []string{
		of(text, "crm", "key"), of(text, "crm2", "key"), of(text, "crm", "2key"), of(text, "crm", "other"),
		of(text+"mapping: { limit: 1 }", "crm", "key"), of(text+"adapter: { budget: 4s }", "crm", "key"),
	} {
		if seen[one] {
			t.Error("two configs have one identity")
		}
		seen[one] = true
	}
	if !seen[of(text+"# a comment", "crm", "key")] {
		t.Error("one config has two identities")
	}
}

// TestAnswersOutliveAReload: a config that reads as before goes on with its answers, another one does not meet them.
func TestAnswersOutliveAReload(t *testing.T) {
	read := func(cache string, before *built) *built {
		file, err := parseConfig("config.yaml", []byte(completed("adapter:\n  keys: [k]\n  cache: "+cache+"\n")))
		if err != nil {
			t.Fatal(err)
		}
		made, err := constructIn(file, surroundings{log: zap.NewNop(), before: before})
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	first := read("{ store: memory }", nil)
	same := read("{ store: memory, ttl: 2m }", first)
	other := read("{ store: memory, size: 1MiB }", same)
	none := read("{ store: off }", other)
	defer none.close(nil)
	if first.answers == nil || same.answers != first.answers || other.answers == first.answers || other.answers == nil || none.answers != nil {
		t.Error(first.answers, same.answers, other.answers, none.answers)
	}
	if other.config.Adapter.Cache.Size != config.Size(1<<20) {
		t.Error(other.config.Adapter.Cache)
	}
}

// TestARedisOutlivesAReload: one that is declared as before is the same one, with its connections.
func TestARedisOutlivesAReload(t *testing.T) {
	read := func(redis, key string, before *built) *built {
		file, err := parseConfig("config.yaml", []byte(completed("adapter:\n  keys: [k]\n  cache: { store: redis }\n  redis: "+redis+"\n")))
		if err != nil {
			t.Fatal(err)
		}
		lookup := func(string, string) (string, error) { return key, nil }
		made, err := constructIn(file, surroundings{log: zap.NewNop(), lookup: lookup, before: before})
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	const one, other = "{ url: \"redis://127.0.0.1:1\", key: \"${env:K}\" }", "{ url: \"redis://127.0.0.1:2\", key: \"${env:K}\" }"
	key, key2 := strings.Repeat("k", 32), strings.Repeat("l", 32)
	first := read(one, key, nil)
	same := read(one, key, first)
	moved := read(other, key, same)
	rekeyed := read(other, key2, moved)
	if first.shared == nil || same.shared != first.shared || moved.shared == same.shared || rekeyed.shared == moved.shared || rekeyed.answers != store.Store(rekeyed.shared) {
		t.Error(first.shared, same.shared, moved.shared, rekeyed.shared)
	}
	first.close(same)
	same.close(moved)
	moved.close(rekeyed)
	rekeyed.close(nil)
}
