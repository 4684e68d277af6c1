package document

import "strconv"

// around is an element that a walk is inside of, and where it stands.
type around struct {
	value Value
	key   string // its name in an object
	index int    // its number in a list; -1 in an object
}

func (a around) name() string {
	if a.index >= 0 {
		return strconv.Itoa(a.index)
	}
	return a.key
}

// walk visits every value that a path leads to, in order. trail holds the root, the elements around the value, and last
// the value itself; it may be used during the visit only. With list the path has to lead to lists, whose elements are
// visited.
func (p Path) walk(root Value, list bool, visit func(trail []around)) error {
	w := walker{path: p, list: list, visit: visit, trail: make([]around, 1, 8)}
	w.trail[0] = around{value: root, index: -1}
	return w.from(root, 0)
}

type walker struct {
	path  Path
	list  bool
	visit func([]around)
	trail []around
}

// from goes on at a step.
func (w *walker) from(value Value, at int) error {
	for i := at; i < len(w.path.steps); i++ {
		step := w.path.steps[i]
		if step.fansOut() {
			return w.each(value, i)
		}
		next := step.of(value)
		if step.optional && next.kind <= Null || next.kind == Missing && w.maybeEmpty(value, i) {
			return nil
		}
		if next.kind == Missing {
			return w.path.missing(i, value)
		}
		value = next
	}
	if w.list {
		return w.each(value, len(w.path.steps))
	}
	return w.into(around{value: value, index: -1}, len(w.path.steps))
}

// maybeEmpty tells whether step i, which leads to nothing, is an empty list of an XML.
func (w *walker) maybeEmpty(value Value, i int) bool {
	if !value.xml || value.kind == List || w.path.steps[i].kind != byName {
		return false
	}
	if i == len(w.path.steps)-1 {
		return w.list
	}
	return w.path.steps[i+1].kind == every
}

// each visits the elements of a list, or the members of an object if step i says so.
func (w *walker) each(value Value, i int) error {
	if i < len(w.path.steps) && w.path.steps[i].kind == members {
		return w.eachMember(value, i)
	}
	items := []Value{value}
	if value.kind == List {
		items = value.items()
	} else if !value.xml {
		return w.path.noList(value, i)
	}
	for index, item := range items {
		if err := w.into(around{value: item, index: index}, i); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) eachMember(value Value, i int) error {
	if value.kind != Object {
		return &PathError{w.path.source, w.path.written(i), "there is " + value.kind.String() + ", not an object"}
	}
	for name, member := range value.Members() {
		if err := w.into(around{value: member, key: name, index: -1}, i); err != nil {
			return err
		}
	}
	return nil
}

// into visits an element, or goes on inside of it.
func (w *walker) into(element around, i int) error {
	w.trail = append(w.trail, element)
	defer func() { w.trail = w.trail[:len(w.trail)-1] }()
	if i < len(w.path.steps)-1 {
		return w.from(element.value, i+1)
	}
	if i == len(w.path.steps)-1 && w.list && w.path.steps[i].kind == members {
		return w.each(element.value, len(w.path.steps))
	}
	w.visit(w.trail)
	return nil
}

// noList is a value where a list is expected.
func (p Path) noList(value Value, i int) error {
	if i == len(p.steps) {
		return &PathError{Path: p.source, Problem: "it is " + value.kind.String() + ", not a list"}
	}
	problem := "there is " + value.kind.String() + ", not a list"
	if value.kind == Object {
		problem += " (every member of an object is .*)"
	}
	return &PathError{p.source, p.written(i), problem}
}

// counted gives the elements of the outermost list.
func (p Path) counted(root Value) ([]Value, error) {
	for i, step := range p.steps {
		if step.fansOut() {
			outer := Path{source: p.source, steps: p.steps[:i]}
			if step.kind == members {
				return p.All(root)
			}
			return outer.List(root)
		}
	}
	return p.List(root)
}

// read gives the value of a field at the path. trail ends in the record; ^ goes up, ~ is the name of where it stands.
func (p Path) read(trail []around) Value {
	at := len(trail) - 1
	for i, step := range p.steps {
		switch step.kind {
		case up:
			if at--; at < 0 {
				return Value{}
			}
		case itself:
			return Value{kind: Text, text: trail[at].name()}
		default:
			return Path{steps: p.steps[i:]}.Get(trail[at].value)
		}
	}
	return trail[at].value
}
