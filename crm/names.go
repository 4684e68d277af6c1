package crm

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// source says where the value of a name comes from. A slot has the sources of all its names: they decide where it may
// stand, what is refused in it, and whose mistake it is if it cannot be filled.
type source uint16

const (
	fromUser     source = 1 << iota // the caller's id
	fromStep                        // what an earlier step keeps
	fromEach                        // the element that a step is asked for
	fromAuth                        // what a login gives
	fromPage                        // where a page begins
	fromWindow                      // a stretch of time
	fromRequest                     // the request that is being signed
	fromConstant                    // what a step with keep_for keeps, the same for every customer
)

// foreign are the sources that others than the config's writer fill: what comes from there is never trusted.
const foreign = fromUser | fromStep | fromEach | fromConstant

// The places of the fixed names among the values of a request.
const (
	userSlot = iota
	nowSlot
	uuidSlot
	pageNumberSlot
	pageOffsetSlot
	pageCursorSlot
	windowFromSlot
	windowToSlot
	requestMethodSlot
	requestPathSlot
	requestQuerySlot
	requestBodySlot
)

// name is something that slots may speak of.
type name struct {
	text string
	typ  document.Type
	from source
}

func fixedNames() []name {
	return []name{
		userSlot:          {"user", document.TypeText, fromUser},
		nowSlot:           {"now", document.TypeTime, 0},
		uuidSlot:          {"uuid", document.TypeText, 0},
		pageNumberSlot:    {"page.number", document.TypeNumber, fromPage},
		pageOffsetSlot:    {"page.offset", document.TypeNumber, fromPage},
		pageCursorSlot:    {"page.cursor", document.TypeText, fromPage},
		windowFromSlot:    {"window.from", document.TypeTime, fromWindow},
		windowToSlot:      {"window.to", document.TypeTime, fromWindow},
		requestMethodSlot: {"request.method", document.TypeText, fromRequest},
		requestPathSlot:   {"request.path", document.TypeText, fromRequest},
		requestQuerySlot:  {"request.query", document.TypeText, fromRequest},
		requestBodySlot:   {"request.body", document.TypeText, fromRequest},
	}
}

// names is what the slots of the section may speak of. It grows as the section is built, so that a slot cannot speak of
// a later step; open says which sources there are at the place that is being built.
type names struct {
	known  []name
	open   source
	used   source // of everything that was named since it was last emptied
	token  bool   // auth.token was named
	uuid   bool   // uuid was named
	closed string // why a source is not open here; by the source if empty
}

func newNames() *names { return &names{known: fixedNames()} }

// add makes a name known, and gives its place among the values.
func (n *names) add(text string, typ document.Type, from source) int {
	n.known = append(n.known, name{text, typ, from})
	return len(n.known) - 1
}

// hide forgets the names that were made known since there were so many.
func (n *names) hide(before int) {
	for i := before; i < len(n.known); i++ {
		n.known[i].text = ""
	}
}

// find gives the place of a name, or -1.
func (n *names) find(text string) int {
	return slices.IndexFunc(n.known, func(each name) bool { return each.text == text })
}

// Resolve finds a slot's name. exists(name) has the place of the name, counted down from -1.
func (n *names) Resolve(ref document.Ref, _ document.Type) (int, document.Type, error) {
	text := ref.Root
	if path := ref.Path.String(); path != "" {
		text += "." + path
	}
	index := n.find(text)
	if index < 0 || ref.Call == "len" {
		return 0, document.TypeNone, n.unknown(text)
	}
	if closed := n.known[index].from &^ n.open; closed != 0 {
		return 0, document.TypeNone, &slotError{message: fmt.Sprintf("%s cannot be named here: %s", text, cmp.Or(n.closed, closed.why()))}
	}
	n.used |= n.known[index].from
	n.token = n.token || text == tokenName
	n.uuid = n.uuid || index == uuidSlot
	if ref.Call == "exists" {
		return -1 - index, document.TypeBool, nil
	}
	return index, n.known[index].typ, nil
}

func (n *names) unknown(text string) error {
	var open []string
	for _, each := range n.known {
		if each.text != "" && each.from&^n.open == 0 {
			open = append(open, each.text)
		}
	}
	hint := "there are " + strings.Join(open, ", ")
	if near := config.Nearest(text, open); near != "" {
		hint = "did you mean " + near + "?"
	}
	return &slotError{message: fmt.Sprintf("nothing is called %q here", text), hint: hint}
}

// why tells why a source is closed.
func (s source) why() string {
	switch {
	case s&fromUser != 0:
		return "this request is the same for every customer"
	case s&fromStep != 0:
		return "it is not the same for every customer"
	case s&fromAuth != 0:
		return "it is what the login is to give"
	case s&fromPage != 0:
		return "the step has no pages"
	case s&fromWindow != 0:
		return "the step has no windows"
	case s&fromRequest != 0:
		return "the request is known only in headers, and in auth"
	}
	return "the step has no each"
}

// env is the values of the names in one request.
type env struct {
	data     []document.Datum
	computed map[int]*Template // those of crm.values, by their place
}

// with gives the same values with some of their own: what one request sets, another must not see.
func (e *env) with() *env {
	return &env{data: slices.Clone(e.data), computed: e.computed}
}

func (e *env) set(index int, text string) {
	e.data[index] = document.TextDatum(text)
}

// Get gives the value of a name.
func (e *env) Get(index int) (document.Datum, error) {
	if index < 0 {
		value, err := e.Get(-1 - index)
		return document.BoolDatum(value.Type != document.TypeNone), err
	}
	if template := e.computed[index]; template != nil {
		text, err := template.fill(e, plain())
		if err != nil {
			return document.Datum{}, err.Err
		}
		return document.TextDatum(text), nil
	}
	return e.data[index], nil
}
