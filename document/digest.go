package document

import (
	"crypto/hmac"
	"crypto/md5"  //nolint:gosec // CRMs ask for it in signatures
	"crypto/sha1" //nolint:gosec // likewise
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"slices"
	"strconv"
)

var algorithms = map[string]func() hash.Hash{
	"md5": md5.New, "sha1": sha1.New, "sha256": sha256.New, "sha512": sha512.New,
}

// encoding writes the bytes of a digest.
type encoding func([]byte) string

func (e encoding) ofText(text string) string { return e([]byte(text)) }

// encodings are the ways to write bytes. base64url has no padding: it stands in addresses.
var encodings = map[string]encoding{
	"hex": hex.EncodeToString, "base64": base64.StdEncoding.EncodeToString, "base64url": base64.RawURLEncoding.EncodeToString,
}

func buildHash(given []Datum) (apply, *misfit) {
	algorithm, encode, wrong := digestOf(given, 2)
	if wrong != nil {
		return nil, wrong
	}
	return func(a, _ Datum) (Datum, error) { return digest(algorithm(), a.Text, encode), nil }, nil
}

func buildHMAC(given []Datum) (apply, *misfit) {
	algorithm, encode, wrong := digestOf(given, 3)
	if wrong != nil {
		return nil, wrong
	}
	return func(key, a Datum) (Datum, error) {
		return digest(hmac.New(algorithm, []byte(key.Text)), a.Text, encode), nil
	}, nil
}

func digest(of hash.Hash, text string, encode encoding) Datum {
	of.Write([]byte(text)) // a hash never fails
	return TextDatum(encode(of.Sum(nil)))
}

// digestOf finds the algorithm, the first argument, and the encoding, the last one, which is hex if it is left out.
func digestOf(given []Datum, last int) (func() hash.Hash, encoding, *misfit) {
	algorithm, known := algorithms[given[0].Text]
	if !known {
		return nil, nil, unknown(0, "algorithm", given[0].Text, slices.Sorted(maps.Keys(algorithms)))
	}
	if given[last].Type == TypeNone {
		return algorithm, encodings["hex"], nil
	}
	encode, known := encodings[given[last].Text]
	if !known {
		return nil, nil, unknown(last, "encoding", given[last].Text, slices.Sorted(maps.Keys(encodings)))
	}
	return algorithm, encode, nil
}

// unknown is an argument that is none of those there are.
func unknown(argument int, what, name string, there []string) *misfit {
	for i := range there {
		there[i] = strconv.Quote(there[i])
	}
	return &misfit{argument, fmt.Sprintf("there is no %s %q", what, name), "there are " + enumerated(there, "and")}
}
