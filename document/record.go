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
	items, err := s.Records.counted(root)
	return len(items), err
}

// Last gives the last element of the outermost list, Missing if there is none.
func (s Source) Last(root Value) Value {
	items, err := s.Records.counted(root)
	if err != nil || len(items) == 0 {
		return Value{}
	}
	return items[len(items)-1]
}

// Plan says where the records of a history are, and which members of each are read. Package mapping makes it; package
// crm carries it out without knowing what the members mean.
type Plan struct {
	Sources []Source
	Fields  []Path // relative to a record
}

// Record is one record of a history: the values at the plan's fields, in their order.
type Record struct {
	values  []Value
	step    string
	problem string
}

// NewRecord makes a record of its values.
func NewRecord(values ...Value) Record { return Record{values: values} }

// From gives the same record as one of a step's answers.
func (r Record) From(step string) Record {
	r.step = step
	return r
}

// Field gives the value at the plan's i-th field, Missing where the record has none.
func (r Record) Field(i int) Value {
	if i < 0 || i >= len(r.values) {
		return Value{}
	}
	return r.values[i]
}

// Step names the step whose answer held the record.
func (r Record) Step() string { return r.step }

// Problem says why the record cannot be read at all; it is empty for a record.
func (r Record) Problem() string { return r.problem }

// Extract takes the records of a source out of an answer. A list that is not there is a *[PathError]: missing is not
// empty.
func (p Plan) Extract(source int, root Value) ([]Record, error) {
	from := p.Sources[source]
	count, _ := from.Count(root)
	records, values := make([]Record, 0, count), make([]Value, 0, count*len(p.Fields))
	err := from.Records.walk(root, true, func(trail []around) {
		record := Record{step: from.Step}
		if item := trail[len(trail)-1].value; item.kind != Object && !item.xml {
			record.problem = "is " + item.kind.String() + ", not an object"
		} else {
			begin := len(values)
			for _, field := range p.Fields {
				values = append(values, field.read(trail))
			}
			record.values = values[begin:len(values):len(values)]
		}
		records = append(records, record)
	})
	if err != nil {
		return nil, err
	}
	return records, nil
}
