package document

// Source is one list of records in the answers of one step.
type Source struct {
	Step    string
	Records Path // the path of the list; [*] where lists are nested
}

// Levels tells how many ^ a field's path may begin with: the elements around a record, the answer itself included.
func (s Source) Levels() int {
	if n := len(s.Records.steps); n > 0 && s.Records.steps[n-1].kind == every {
		return s.Records.Levels()
	}
	return s.Records.Levels() + 1
}

// Count gives how many elements the outermost list has, which is what a CRM counts. The error is a *[PathError].
func (s Source) Count(root Value) (int, error) {
	if in, ready := s.ready(root); ready {
		return in.count, nil
	}
	items, err := s.Records.counted(root)
	return len(items), err
}

// Last gives the last element of the outermost list, Missing if there is none.
func (s Source) Last(root Value) Value {
	if _, ready := s.ready(root); ready {
		return Value{} // no [Selection] reads anything of it
	}
	items, err := s.Records.counted(root)
	if err != nil || len(items) == 0 {
		return Value{}
	}
	return items[len(items)-1]
}

// ready gives the list whose records were kept while it was decoded.
func (s Source) ready(root Value) (*inside, bool) {
	in := Path{steps: s.Records.steps[:s.Records.fan()]}.Get(root).in
	return in, in != nil && in.rows != nil
}

// Plan says where the records of a history are, and which members of each are read. Package mapping makes it; package
// crm carries it out without knowing what the members mean.
type Plan struct {
	Sources []Source
	Fields  []Path // relative to a record
}

// Record is one record of a history: the values at the plan's fields, in their order.
type Record struct {
	of *rows
	at int
}

// NewRecord makes a record of its values.
func NewRecord(values ...Value) Record {
	return Record{of: &rows{values: values, width: len(values), count: 1}}
}

// Field gives the value at the plan's i-th field, Missing where the record has none.
func (r Record) Field(i int) Value { return r.of.field(r.at, i) }

// Step names the step whose answer held the record.
func (r Record) Step() string { return r.of.step }

// Problem says why the record cannot be read at all; it is empty for a record.
func (r Record) Problem() string { return r.of.problem(r.at) }

// Extract takes the records of a source out of an answer. A list that is not there is a *[PathError]: missing is not
// empty.
func (p Plan) Extract(source int, root Value) ([]Record, error) {
	from := p.Sources[source]
	if in, ready := from.ready(root); ready {
		return recordsOf(in.rows, in.count), nil
	}
	made := &rows{step: from.Step, width: len(p.Fields), values: []Value{}}
	err := from.Records.walk(root, true, func(trail []around) {
		item := trail[len(trail)-1].value
		if item.kind != Object && !item.xml {
			made.values = append(made.values, make([]Value, made.width)...)
			made.refuse(item.kind)
			return
		}
		for _, field := range p.Fields {
			made.values = append(made.values, field.read(trail))
		}
		made.count++
	})
	if err != nil {
		return nil, err
	}
	return recordsOf([]*rows{made}, made.count), nil
}

func recordsOf(lists []*rows, count int) []Record {
	records := make([]Record, 0, count)
	for _, list := range lists {
		for at := range list.count {
			records = append(records, Record{list, at})
		}
	}
	return records
}
