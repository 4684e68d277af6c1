package mapping

import (
	"errors"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// Reader reads single values as a field of a config would: for tools that try declarations on what a CRM sent. It is
// safe for concurrent use.
type Reader struct{ field field }

// NewReader makes a reader of a declaration. The error joins every [config.Problem] of it.
func NewReader(declared Field) (*Reader, error) {
	var problems config.Problems
	made := newField("value", declared, &problems)
	return &Reader{made}, problems.Err()
}

// Read gives the value's datum, or why it cannot be had; the error never holds the value.
func (r *Reader) Read(value document.Value) (document.Datum, error) {
	datum, why := r.field.read(document.NewRecord(value))
	if why != "" {
		return document.Datum{}, errors.New("it " + why)
	}
	return datum, nil
}
