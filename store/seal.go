package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
)

// seal hides names and values from whoever can read a Redis, and finds what somebody has changed in it or moved in it
// from one name to another.
type seal struct{ names, limits, values []byte }

// newSeal derives the keys from what the config gives. Each is for one thing only.
func newSeal(secret string) (*seal, error) {
	var s seal
	for use, key := range map[string]*[]byte{"names": &s.names, "limits": &s.limits, "values": &s.values} {
		derived, err := hkdf.Key(sha256.New, []byte(secret), nil, "bonus-adapter "+use, sha256.Size)
		if err != nil {
			return nil, err
		}
		*key = derived
	}
	return &s, nil
}

// prefix is what all names in Redis begin with, so that an ACL can name them.
const prefix = "bonus-adapter:"

// digest is a name that tells nothing of the name it was made of.
func (s *seal) digest(name string) []byte { return sum(s.names, []byte(name)) }

// limit is the digest of a limit's name, which no value can have.
func (s *seal) limit(name string) []byte { return sum(s.limits, []byte(name)) }

func key(digest []byte) string { return prefix + base64.RawURLEncoding.EncodeToString(digest) }

func sum(key, text []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(text)
	return mac.Sum(nil)
}

// sealing is the version of the form of values in Redis. Another form gets another number.
const sealing = 1

var errNotOurs = errors.New("the value is not one that this store kept under this name")

// close encrypts a value for the name with this digest. Each name has a key of its own (AES-256-GCM), so that random
// nonces may be as many as one customer's answers, and not as all customers'.
func (s *seal) close(digest, value []byte) ([]byte, error) {
	aead, err := s.aead(digest)
	if err != nil {
		return nil, err
	}
	return aead.Seal([]byte{sealing}, nil, value, digest), nil
}

func (s *seal) open(digest, sealed []byte) ([]byte, error) {
	aead, err := s.aead(digest)
	if err != nil {
		return nil, err
	}
	if len(sealed) == 0 || sealed[0] != sealing {
		return nil, errNotOurs
	}
	value, err := aead.Open(nil, nil, sealed[1:], digest)
	if err != nil {
		return nil, errNotOurs
	}
	return value, nil
}

func (s *seal) aead(digest []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(sum(s.values, digest))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
