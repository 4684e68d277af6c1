package crmtest

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// The stand-ins of vendors' APIs, one file each, are made by hand after what is known of them: how they want to be asked,
// how they page, and the form of their errors. What they do not check is not known, or does not matter to an adapter.
// They are safe for concurrent use.

// What the customers of a stand-in are called.
const (
	Busy    = "12345"   // has more transactions than a page holds
	Newbie  = "newbie"  // has none
	Unknown = "unknown" // is not known
	Hasty   = "hasty"   // asks more often than the vendor allows
	Unlucky = "unlucky" // meets an error of the vendor
)

// say answers with JSON.
func say(w http.ResponseWriter, status int, what any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(what)
}

// object is a JSON object.
type object map[string]any

// part gives the elements of a page, never nil: size of them from an offset on.
func part[T any](all []T, offset, size int) []T {
	offset = min(max(offset, 0), len(all))
	return append([]T{}, all[offset:min(offset+size, len(all))]...)
}

// several makes count elements, each from its number.
func several(count int, of func(i int) object) []object {
	all := make([]object, count)
	for i := range all {
		all[i] = of(i)
	}
	return all
}

// number reads a whole number, 0 if it is none.
func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}
