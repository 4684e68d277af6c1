package adapter

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strings"

	"bonus-adapter/config"
)

// keyring holds the hashes of the keys that are accepted, so that all of them have one length to compare.
type keyring [][sha256.Size]byte

func newKeyring(keys []config.Secret) keyring {
	var ring keyring
	for _, key := range keys {
		ring = append(ring, sha256.Sum256([]byte(key.Reveal())))
	}
	return ring
}

// find gives the number of the key that fits, from 1, and 0 if none does. It compares with every key, in a time that
// does not depend on which one fits.
func (k keyring) find(candidate string) int {
	sum := sha256.Sum256([]byte(candidate))
	found := 0
	for i := range k {
		found = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(sum[:], k[i][:]), i+1, found)
	}
	return found
}

// credential gives the key that came with a request: Imshop sends it as a Bearer or in a field named key, of which its
// documentation leaves open whether it is an HTTP header or a field of the body. A second one that differs is none at
// all: it could only serve to try two at once.
func credential(header http.Header, body *string) (key string, ok bool) {
	var found []string
	for _, value := range header.Values("Authorization") {
		scheme, token, _ := strings.Cut(value, " ")
		if strings.EqualFold(scheme, "Bearer") {
			found = append(found, strings.TrimSpace(token))
		}
	}
	found = append(found, header.Values("key")...)
	if body != nil {
		found = append(found, *body)
	}
	for _, other := range found {
		if other != found[0] {
			return "", false
		}
	}
	if len(found) == 0 {
		return "", false
	}
	return found[0], true
}

// HashCustomer gives the name under which a customer appears in the log: the beginning of an HMAC-SHA256 of the id.
func HashCustomer(idKey, id string) string {
	mac := hmac.New(sha256.New, []byte(idKey))
	mac.Write([]byte(id))
	return hex.EncodeToString(mac.Sum(nil)[:8])
}
