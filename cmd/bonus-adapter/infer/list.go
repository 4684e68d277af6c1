package infer

import (
	"cmp"
	"slices"
	"strings"

	"bonus-adapter/document"
)

// list is a list of objects in the samples, or the lists at the same place inside the elements of another one.
type list struct {
	path    string   // as mapping.records has it, without the step
	names   []string // the keys on the way
	levels  int      // lists around it
	records int
	empty   bool
	columns []*column
	index   map[string]*column
	roles   roles
	score   int
	chosen  map[string]string // by code: the group that it belongs to
}

// column is one member of the records, by its path.
type column struct {
	path   string   // inside a record; ^ leads out of it
	names  []string // the keys on the way
	ups    int
	values []document.Value // one a record, Missing where there is none
	beside *column          // the time of day of a bare date; nil if it has none
	profile
}

const (
	mostDepth   = 8    // of members that are looked at, from the record
	mostColumns = 2000 // of a list
)

// findLists walks the samples. A list inside the elements of a list is found once, with the elements of all.
func findLists(roots []document.Value) []*list {
	f := finder{lists: map[string]*list{}}
	for _, root := range roots {
		f.walk(root, place{}, []document.Value{root})
	}
	return f.order
}

type finder struct {
	lists map[string]*list
	order []*list
}

// place is where a walk is.
type place struct {
	path   string
	names  []string
	levels int
	depth  int
}

func (p place) key(name string) place {
	return place{join(p.path, document.KeyPath(name)), append(slices.Clone(p.names), name), p.levels, p.depth + 1}
}

func (p place) each(mark string) place {
	if mark == "*" {
		mark = join(p.path, mark)
	} else {
		mark = p.path + mark
	}
	return place{mark, p.names, p.levels + 1, p.depth + 1}
}

func join(path, key string) string {
	if path == "" || key == "" || key[0] == '[' {
		return path + key
	}
	return path + "." + key
}

// walk looks at a value. around holds the elements of lists that it is in, the root first.
func (f *finder) walk(value document.Value, at place, around []document.Value) {
	if at.depth > maxDepth {
		return
	}
	switch {
	case value.Kind() == document.List, isXML(value) && at.repeated():
		f.elements(value, at, around)
	case value.Kind() == document.Object:
		if keyed(value) {
			for _, part := range value.Members() {
				f.elements(part, at.each("*"), append(slices.Clone(around), part))
			}
			return
		}
		if isXML(value) && at.depth > 1 {
			f.add(at, value, around)
		}
		for name, member := range value.Members() {
			f.walk(member, at.key(name), around)
		}
	}
}

func (f *finder) elements(value document.Value, at place, around []document.Value) {
	found, length := f.list(at), value.Len()
	if isXML(value) {
		length = 1
	}
	found.empty = found.empty && length == 0
	for i := range length {
		item := value.Index(i)
		if item.Kind() != document.Object && !isXML(item) {
			continue
		}
		f.add(at, item, around)
		inner := at.each("[*]")
		for name, member := range item.Members() {
			f.walk(member, inner.key(name), append(slices.Clone(around), item))
		}
	}
}

// keyed tells an object whose members are lists of objects and have numbers, dates or ids for names: one list in parts.
func keyed(value document.Value) bool {
	for name, member := range value.Members() {
		if member.Kind() != document.List || member.Index(0).Kind() != document.Object || !strings.ContainsAny(name, "0123456789") {
			return false
		}
	}
	return value.Len() > 0
}

// repeated tells an element of an XML by its name that may come again: customerActions holds customerAction.
func (p place) repeated() bool {
	if len(p.names) < 2 {
		return false
	}
	name, parent := p.names[len(p.names)-1], p.names[len(p.names)-2]
	return parent != name && strings.HasPrefix(strings.ToLower(parent), strings.ToLower(strings.TrimSuffix(name, "y"))) || slices.Contains(repeatedNames, strings.ToLower(name))
}

var repeatedNames = []string{"item", "row", "record", "entry", "return", "element", "transaction", "operation", "operacia", "object", "строка", "операция", "запись"}

// isXML tells a value of an XML: there an element that comes once is a list of one.
func isXML(value document.Value) bool {
	return value.Index(0).Kind() != document.Missing && value.Kind() != document.List
}

func (f *finder) list(at place) *list {
	found, known := f.lists[at.path]
	if !known {
		found = &list{path: at.path, names: at.names, levels: at.levels, empty: true, index: map[string]*column{}}
		f.lists[at.path] = found
		f.order = append(f.order, found)
	}
	return found
}

func (f *finder) add(at place, record document.Value, around []document.Value) {
	found := f.list(at)
	found.empty = false
	found.records++
	found.read(record, place{}, 0)
	path, names := "", []string{}
	for ups := 1; ups < len(around); ups++ {
		path = join(path, "^")
		found.read(around[len(around)-ups], place{path: path, names: names}, ups)
	}
}

// read adds the members of a record, or of an element around it, to the columns.
func (l *list) read(value document.Value, at place, ups int) {
	if at.depth > mostDepth {
		return
	}
	if kind := value.Kind(); at.depth > 0 && (kind == document.Text || kind == document.Number || kind == document.Bool) {
		l.note(value, at, ups)
	}
	for name, member := range value.Members() {
		if member.Kind() != document.List {
			l.read(member, at.key(name), ups)
		}
	}
}

func (l *list) note(value document.Value, at place, ups int) {
	found, known := l.index[at.path]
	if !known {
		if len(l.columns) == mostColumns {
			return
		}
		found = &column{path: at.path, names: at.names, ups: ups}
		l.index[at.path] = found
		l.columns = append(l.columns, found)
	}
	for len(found.values) < l.records-1 {
		found.values = append(found.values, document.Value{})
	}
	found.values = append(found.values, value)
}

// choose gives the list that is most like transactions, or nil.
func choose(lists []*list) *list {
	fit := slices.DeleteFunc(slices.Clone(lists), func(l *list) bool { return l.score <= 0 })
	if len(fit) == 0 {
		return nil
	}
	return slices.MaxFunc(fit, func(a, b *list) int {
		return cmp.Or(cmp.Compare(a.score, b.score), cmp.Compare(b.levels, a.levels))
	})
}
