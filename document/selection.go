package document

import (
	"hash/maphash"
	"sync"
)

// Selection says which parts of an answer are read. What is not among them is checked like the rest while it is decoded,
// and then forgotten; reading it all the same is a bug, and panics.
//
// A nil Selection reads everything. A Selection is made when a config is loaded; once decoding has begun it is not
// changed any more, and is safe for concurrent use.
type Selection struct {
	root     *want
	wants    int
	seed     maphash.Seed // of the prints: those of one selection can be compared
	ready    sync.Once
	decoders sync.Pool // with what they have learned of the layouts of answers
}

// want is a value that is read, and what is read inside of it.
type want struct {
	number   int // among the wants of a selection
	names    []string
	members  []*want // of an object, by names
	other    *want   // of an object, by any other name
	elements *want   // of a list
	passes   int     // how many selected paths go on into its elements
	print    bool    // its text is told from another one by a number
	rows     *rowPlan
	alone    bool  // its elements are records, and nothing else is read of them
	ofRow    bool  // it is a value in such a record
	fields   []int // of the plan: those that stand here
}

// rowPlan says what a list's elements become, if they are read for nothing but the records of one source.
type rowPlan struct {
	step   string
	width  int
	passes int // into the list, of this source
}

// NewSelection gives a selection of the answer itself, with nothing inside of it.
func NewSelection() *Selection {
	s := &Selection{seed: maphash.MakeSeed()}
	s.root = s.newWant()
	return s
}

func (s *Selection) newWant() *want {
	s.wants++
	return &want{number: s.wants - 1}
}

// everything is the selection that a nil one stands for.
func everything() *Selection {
	s := NewSelection()
	s.root.other, s.root.elements = s.root, s.root
	return s
}

// AddPath reads what the path leads to. A list or an object there can be counted; what is in it is not read.
func (s *Selection) AddPath(path Path) { s.add(s.root, path.steps) }

// AddPick reads what is named.
func (s *Selection) AddPick(pick Pick) {
	if path, ok := pick.Body(); ok {
		s.AddPath(path)
	}
}

// AddCondition reads what the condition speaks of.
func (s *Selection) AddCondition(condition Condition) {
	for _, name := range condition.names {
		if name.ref.Root == "body" {
			s.AddPath(name.ref.Path)
		}
	}
}

// AddSource reads the records of a source, and the fields of each. The fingerprint of [Source.Print] is made while the
// answer is decoded.
func (s *Selection) AddSource(source Source, fields []Path) {
	records := source.Records.steps
	outermost := s.add(s.root, records[:source.Records.fan()])
	outermost.print = true
	if n := len(records); n == 0 || records[n-1].kind != every {
		records = append(append([]pathStep{}, records...), pathStep{kind: every})
	}
	around := [][]pathStep{nil} // the answer, and every element on the way to a record
	for i, step := range records {
		if step.fansOut() {
			around = append(around, records[:i+1])
		}
	}
	s.add(s.root, records)
	if source.Records.fan() == len(records)-1 && simple(fields) {
		s.addRows(outermost, source.Step, fields)
		return
	}
	for _, field := range fields {
		up := min(field.Ups(), len(around)-1)
		at := around[len(around)-1-up]
		s.add(s.root, append(append([]pathStep{}, at...), field.steps[field.Ups():]...))
	}
}

// simple tells whether every field stands inside of its record, at a name.
func simple(fields []Path) bool {
	for _, field := range fields {
		for _, step := range field.steps {
			if step.kind != byName {
				return false
			}
		}
	}
	return true
}

// addRows reads the fields of a list's elements.
func (s *Selection) addRows(list *want, step string, fields []Path) {
	made := &rowPlan{step, len(fields), 1 + len(fields)}
	for i, field := range fields {
		at := s.add(list, append([]pathStep{{kind: every}}, field.steps...))
		if list.rows == nil {
			at.fields = append(at.fields, i)
		}
	}
	if list.rows == nil {
		list.rows = made // of two sources in one list neither is alone
	}
}

// seal finds the lists that are read for their records alone.
func (w *want) seal(row bool) {
	w.ofRow = row
	w.alone = !row && w.rows != nil && w.passes == w.rows.passes && w.elements.other == nil
	if w.elements != nil && w.elements != w {
		w.elements.seal(w.alone)
	}
	for _, member := range w.members {
		member.seal(row)
	}
	if w.other != nil && w.other != w {
		w.other.seal(row)
	}
}

// AddLast reads what a path leads to in the last record of a source, as [Source.Last] gives it.
func (s *Selection) AddLast(source Source, path Path) {
	fan, step := source.Records.fan(), pathStep{kind: every}
	last := s.add(s.root, source.Records.steps[:fan])
	if fan < len(source.Records.steps) {
		step = source.Records.steps[fan]
	}
	s.add(last, append([]pathStep{step}, path.steps...))
}

// fan gives the number of the first step that fans out, or of all steps.
func (p Path) fan() int {
	for i, step := range p.steps {
		if step.fansOut() {
			return i
		}
	}
	return len(p.steps)
}

// add reads what the steps lead to from a place, and gives it.
func (s *Selection) add(at *want, steps []pathStep) *want {
	for i, step := range steps {
		switch step.kind {
		case byName:
			at = s.member(at, step.name)
		case byIndex, every:
			if at.elements == nil {
				at.elements = s.newWant()
			}
			at.passes++
			at = at.elements
		case members:
			if at.other == nil {
				at.other = s.newWant()
			}
			for _, named := range at.members {
				s.add(named, steps[i+1:])
			}
			at = at.other
		case up, itself:
			return at // what stands around a record is known without being read
		}
	}
	return at
}

// member gives what is read of a member; of one that is named first after all members were, that too.
func (s *Selection) member(at *want, name string) *want {
	for i, known := range at.names {
		if known == name {
			return at.members[i]
		}
	}
	made := s.newWant()
	if at.other != nil {
		s.copy(made, at.other)
	}
	at.names, at.members = append(at.names, name), append(at.members, made)
	return made
}

func (s *Selection) copy(to, from *want) {
	to.print, to.passes = from.print, from.passes
	to.names = append(to.names, from.names...)
	for _, member := range from.members {
		made := s.newWant()
		s.copy(made, member)
		to.members = append(to.members, made)
	}
	for _, part := range []struct{ to, from **want }{{&to.other, &from.other}, {&to.elements, &from.elements}} {
		if *part.from != nil {
			*part.to = s.newWant()
			s.copy(*part.to, *part.from)
		}
	}
}

// of gives what is read of a member, nil if nothing is.
func (w *want) of(name string) *want {
	for i := range w.names {
		if w.names[i] == name {
			return w.members[i]
		}
	}
	return w.other
}
