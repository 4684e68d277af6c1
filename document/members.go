package document

// known gives the layouts that objects had here before.
func (d *decoder) known(w *want) *layouts {
	if w != nil {
		return &d.layouts[w.number]
	}
	for len(d.unread) < d.depth {
		d.unread = append(d.unread, nil)
	}
	return &d.unread[d.depth-1]
}

func (d *decoder) object(w *want, before int) (Value, scanFault) {
	made, fault := d.members(w)
	if w == nil || fault != sound {
		return Value{}, fault
	}
	return Value{kind: Object, in: d.inside(inside{layout: made}, before)}, sound
}

// members goes over the members of an object, whose opening brace is read, and gives its layout.
func (d *decoder) members(w *want) (layout, scanFault) {
	o := object{known: d.known(w), want: w}
	if len(*o.known) > 0 {
		o.like = (*o.known)[0]
	}
	if d.peek() == '}' {
		d.at++
		return o.end(), sound
	}
	for {
		wanted, fault := d.name(&o)
		if fault == sound {
			fault = d.part(wanted)
		}
		if fault != sound {
			return nil, fault
		}
		switch d.peek() {
		case ',':
			d.at++
		case '}':
			d.at++
			return o.end(), sound
		default:
			return nil, d.wrong()
		}
	}
}

// name reads a member's name and the colon behind it, and gives what is wanted of the member.
func (d *decoder) name(o *object) (*want, scanFault) {
	if d.peek() != '"' {
		return nil, d.wrong()
	}
	if o.at < len(o.like) {
		switch expected := &o.like[o.at]; {
		case d.stands(expected.written): // with its colon, as most CRMs have it
			d.at += len(expected.written)
			o.at++
			return expected.want, sound
		case d.stands(expected.quoted()):
			d.at += len(expected.quoted())
			return d.colon(o)
		}
	}
	if fault := d.otherName(o); fault != sound {
		return nil, fault
	}
	return d.colon(o)
}

// colon reads what stands between a name and its value.
func (d *decoder) colon(o *object) (*want, scanFault) {
	wanted := o.like[o.at].want
	o.at++
	if d.peek() != ':' {
		return nil, d.wrong()
	}
	d.at++
	return wanted, sound
}

// stands tells whether a text stands here, all of it in the window.
func (d *decoder) stands(text string) bool {
	return len(d.text)-d.at >= len(text) && string(d.text[d.at:d.at+len(text)]) == text
}

// otherName reads a name that was not expected.
func (d *decoder) otherName(o *object) scanFault {
	begin := d.offset()
	raw, plain, fault := d.quoted()
	if fault != sound {
		return fault
	}
	if o.switchTo(raw) {
		return sound
	}
	written := `"` + string(raw) + `":`
	name := written[1 : len(written)-2]
	if !plain {
		name = string(appendUnquoted(nil, raw))
	}
	if !o.grow(name, written) {
		d.at = int(begin - d.gone)
		return twice
	}
	return sound
}
