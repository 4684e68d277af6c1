package store_test

import (
	"strings"
	"testing"

	"bonus-adapter/config"
	"bonus-adapter/store"
)

func TestRedisConfigsThatAreRefused(t *testing.T) {
	url, key := config.Plain("redis://:hush@127.0.0.1:6379/0"), config.Plain(strings.Repeat("k", 32))
	for place, cfg := range map[string]store.Config{
		"url":     {Key: key},
		"url ":    {URL: config.Plain("http://:hush@127.0.0.1"), Key: key},
		"url  ":   {URL: config.Plain("redis://:hush@127.0.0.1:6379/x"), Key: key},
		"url   ":  {URL: config.Plain("redis://:hush@127.0.0.1:6379?hush=1"), Key: key},
		"url    ": {URL: config.Plain("redis://:hu%sh@127.0.0.1:6379"), Key: key},
		"key":     {URL: url},
		"key ":    {URL: url, Key: config.Plain("hush")},
		"ca":      {URL: config.Plain("rediss://127.0.0.1"), Key: key, CA: config.Plain("hush")},
		"ca ":     {URL: url, Key: key, CA: config.Plain(certificate)},
	} {
		_, err := store.NewRedis(cfg)
		all := config.All(err)
		if len(all) != 1 || all[0].Place != strings.TrimSpace(place) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", place, err)
		}
	}
	var unresolved config.Secret
	if err := unresolved.UnmarshalText([]byte("${env:X}")); err != nil {
		t.Fatal(err)
	}
	made, err := store.NewRedis(store.Config{URL: unresolved, Key: unresolved, CA: unresolved})
	if err != nil {
		t.Fatalf("a machine that checks a config need not hold its secrets: %v", err)
	}
	made.Close()
}

const certificate = `-----BEGIN CERTIFICATE-----
MIIBVjCB/aADAgECAhQLrvMsyQ50BYdRnr/gdGWWj9DKUjAKBggqhkjOPQQDAjAA
MCAXDTI2MTEyNTE0MTAyMFoYDzIxMjYxMTAxMTQxMDIwWjAAMFkwEwYHKoZIzj0C
AQYIKoZIzj0DAQcDQgAEHQOQOqt7qeA+mdncOsi7deGOtXvIP8cln3C+Nd0f8ZHH
jsrAA0VzJohNg4/wwMH0nDGOBOCFYPzn0AVNktOWj6NTMFEwHQYDVR0OBBYEFLxG
fXFlv8r+F70wuxonFo36m/JbMB8GA1UdIwQYMBaAFLxGfXFlv8r+F70wuxonFo36
m/JbMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgCOOnO5bGSH1J
zhWmPH6OE9oVk3TwG7t56TDqPV1UAYsCIQDsry2eHMn2p1MForig8iVHgwIHbPQl
RZZXlQtZg38oNw==
-----END CERTIFICATE-----`
