package document

import "slices"

// object is an object that is being read: like one before it, as far as it is.
type object struct {
	want  *want
	known *layouts
	like  layout
	own   bool            // like is this object's own, and grows with it
	at    int             // how many members it has so far
	read  int             // of them, how many of the own layout's are read
	seen  map[string]bool // their names, once they are many
}

// begins tells whether a layout begins with the members read so far.
func (o *object) begins(other layout) bool {
	return len(other) >= o.at && slices.EqualFunc(other[:o.at], o.like[:o.at], func(a, b column) bool { return a.written == b.written })
}

// quoted gives the name as it is written, with its quotes.
func (c *column) quoted() string { return c.written[:len(c.written)-1] }

// isWritten tells whether the name is written so between its quotes.
func (c *column) isWritten(raw []byte) bool { return c.written[1:len(c.written)-2] == string(raw) }

// use makes the i-th known layout the last one used.
func (o *object) use(i int) {
	o.like = (*o.known)[i]
	copy((*o.known)[1:i+1], (*o.known)[:i])
	(*o.known)[0] = o.like
}

// switchTo finds another known layout that begins with the members read so far, and goes on with this name.
func (o *object) switchTo(raw []byte) bool {
	if o.own {
		return false
	}
	for i, other := range *o.known {
		if len(other) > o.at && other[o.at].isWritten(raw) && o.begins(other) {
			o.use(i)
			return true
		}
	}
	return false
}

// usualMembers is room for the members of most objects.
const usualMembers = 16

// make gives the object a layout of its own, with the members read so far.
func (o *object) make() {
	if o.own {
		return
	}
	o.own, o.like = true, append(make(layout, 0, usualMembers), o.like[:o.at]...)
	for i := range o.like {
		if o.like[i].place >= 0 {
			o.read++
		}
	}
}

// grow takes a member that no known layout has here. It gives false for a name that is there already.
func (o *object) grow(name, written string) bool {
	o.make()
	if o.has(name) {
		return false
	}
	made := column{name: name, written: written, place: -1}
	if o.want != nil {
		made.want = o.want.of(name)
	}
	if made.want != nil {
		made.place = o.read
		o.read++
	}
	o.like = append(o.like, made)
	return true
}

// fewNames is how many names are looked through faster than asked for in a map.
const fewNames = 32

func (o *object) has(name string) bool {
	if len(o.like) <= fewNames {
		_, there := o.like.place(name)
		return there
	}
	if o.seen == nil {
		o.seen = make(map[string]bool, 2*len(o.like))
	}
	for len(o.seen) < len(o.like) {
		o.seen[o.like[len(o.seen)].name] = true
	}
	return o.seen[name]
}

// end gives the layout of an object that is read to its end, and remembers it.
func (o *object) end() layout {
	if o.at < len(o.like) {
		for i, other := range *o.known {
			if len(other) == o.at && o.begins(other) {
				o.use(i)
				return o.like
			}
		}
		o.make()
	}
	if o.own {
		if len(*o.known) < mostLayouts {
			*o.known = append(*o.known, nil)
		}
		copy((*o.known)[1:], *o.known)
		(*o.known)[0] = o.like
	}
	return o.like
}
