package crm

import (
	"errors"

	"bonus-adapter/document"
)

// owner is where a step's answers name whose they are, and who that has to be. A CRM that mixes up its customers must not
// show one to another.
type owner struct {
	at    document.Pick
	is    Template
	place string
}

// newOwner compiles it; nil if the config does not say where.
func (b *builder) newOwner(place string, cfg *Step) *owner {
	made := &owner{cfg.Owner, cfg.OwnerIs, place + ".owner"}
	switch {
	case made.at.IsZero() && !made.is.IsZero():
		b.problems.Add(place+".owner_is", "owner is missing: where does the answer name its customer?").Hint = "owner: body.customerId"
	case made.at.IsZero():
		return nil
	case cfg.KeepFor > 0:
		b.problems.Add(made.place, "a step with keep_for asks for no customer who could be another one")
		return nil
	}
	if made.is.IsZero() {
		b.problems.AddError(made.place, made.is.UnmarshalText([]byte("{{ "+userName+" }}")))
	}
	before := b.problems.Len()
	made.is.bind(place+".owner_is", b.names, b.problems)
	if b.problems.Len() == before && made.is.sources()&(fromUser|fromStep|fromEach) == 0 {
		b.problems.Add(place+".owner_is", "it is the same for every customer").Hint = `for example "{{ user }}"`
	}
	return made
}

const userName = "user"

var errOthers = errors.New("the answer is another customer's than who was asked for (owner)")

// check refuses an answer that is somebody else's, also if only a part of it is: what is left of it is no whole history.
func (o *owner) check(got *answer, values document.Env) *Error {
	if o == nil || got.empty {
		return nil
	}
	want, failed := o.is.fill(values, plain())
	if failed != nil {
		return failed
	}
	owners, err := o.at.List(got.Answer)
	if err != nil {
		return documentFailure(err).from(o.place)
	}
	for _, each := range owners {
		switch each.Kind() {
		case document.Text, document.Number:
			if each.Text() != want {
				return (&Error{Kind: ErrorBody, Status: got.Status, Err: errOthers}).from(o.place)
			}
		case document.Missing: // its question mark allows for that
		default:
			return failure(PathMissing, "owner: %s is %s, not a customer's id", o.at, each.Kind()).from(o.place)
		}
	}
	return nil
}
