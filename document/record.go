package document

// Plan says where the records of a history are, and which members of each are read. Package mapping makes it; package
// crm carries it out without knowing what the members mean.
type Plan struct {
	Step    string // the step whose answers hold the records
	Records Path   // the path of the list; [*] where lists are nested
	Fields  []Path // relative to a record
}

// Record is one record of a history: the values at the plan's fields, in their order.
type Record struct {
	values  []Value
	problem string
}

// NewRecord makes a record of its values.
func NewRecord(values ...Value) Record { return Record{values: values} }

// Field gives the value at the plan's i-th field, Missing where the record has none.
func (r Record) Field(i int) Value {
	if i < 0 || i >= len(r.values) {
		return Value{}
	}
	return r.values[i]
}

// Problem says why the record cannot be read at all; it is empty for a record.
func (r Record) Problem() string { return r.problem }

// Extract takes the records out of an answer. A list that is not there is a *[PathError]: missing is not empty.
func (p Plan) Extract(root Value) ([]Record, error) {
	items, err := p.Records.List(root)
	if err != nil {
		return nil, err
	}
	records := make([]Record, len(items))
	values := make([]Value, len(items)*len(p.Fields))
	for i, item := range items {
		if item.kind != Object {
			records[i].problem = "is " + item.kind.String() + ", not an object"
			continue
		}
		row := values[i*len(p.Fields) : (i+1)*len(p.Fields)]
		for f, field := range p.Fields {
			row[f] = field.Get(item)
		}
		records[i].values = row
	}
	return records, nil
}
