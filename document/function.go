package document

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"bonus-adapter/document/syntax"
)

// call compiles a function with its arguments.
func (c *compiler) call(n syntax.Node, name string, arguments []syntax.Node, want Type) (node, error) {
	f, known := functions[name]
	switch {
	case !known:
		return c.fail(n, "there are "+enumerated(slices.Sorted(maps.Keys(functions)), "and"), "there is no function %s", name)
	case len(arguments) < f.needs || len(arguments) > len(f.params):
		return c.fail(n, "for example "+f.example, "%s takes %s, not %s", name, f.takes(), counted(len(arguments)))
	case f.build != nil:
		return c.function(n, f, arguments)
	case !isName(arguments[0]):
		return c.fail(arguments[0], "", "%s takes a name, such as body.items", name)
	}
	return c.name(arguments[0], name, want)
}

// takes tells the arguments: a time, a layout and perhaps a zone.
func (f function) takes() string {
	var names []string
	for i, p := range f.params {
		if i >= f.needs {
			p.name = "perhaps " + p.name
		}
		names = append(names, p.name)
	}
	return enumerated(names, "and")
}

func counted(arguments int) string {
	if arguments == 1 {
		return "1 argument"
	}
	return fmt.Sprintf("%d arguments", arguments)
}

func enumerated(names []string, word string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " " + word + " " + names[last]
}

func (c *compiler) function(n syntax.Node, f function, arguments []syntax.Node) (node, error) {
	var computed []node
	given := make([]Datum, len(f.params))
	for i, argument := range arguments {
		if f.params[i].takes == nil {
			given[i] = c.written(argument, f.params[i])
			if given[i].Type == TypeNone {
				return c.notWritten(argument, f.params[i], f.example)
			}
			continue
		}
		made, err := c.argument(argument, f.params[i])
		if err != nil {
			return node{}, err
		}
		computed = append(computed, made)
	}
	of, wrong := f.build(given)
	if wrong != nil {
		return c.fail(arguments[wrong.argument], wrong.hint, "%s", wrong.message)
	}
	return c.settled(n, application(f.gives, of, computed...))
}

// argument compiles an argument that is computed.
func (c *compiler) argument(n syntax.Node, p param) (node, error) {
	made, err := c.compile(n, p.takes[0])
	if err == nil && !slices.Contains(p.takes, made.typ) {
		return c.fail(n, conversion(p.takes[0], made.typ), "%s is wanted here, and this is %s", p.name, made.typ)
	}
	return made, err
}

// written reads an argument that has to be written out; none is what cannot be one.
func (c *compiler) written(n syntax.Node, p param) Datum {
	switch n := n.(type) {
	case *syntax.String:
		if p.most == 0 {
			return TextDatum(n.Value)
		}
	case *syntax.Number:
		made, err := c.number(n)
		if err != nil || p.most == 0 {
			return Datum{}
		}
		value, _ := made.eval(nowhere{})
		if number := value.Number(); number.scale == 0 && number.coefficient >= p.least && number.coefficient <= p.most {
			return value
		}
	}
	return Datum{}
}

func (c *compiler) notWritten(n syntax.Node, p param, example string) (node, error) {
	how := "written out in quotes"
	if p.most > 0 {
		how = "written out"
	}
	return c.fail(n, "for example "+example, "%s is wanted here, %s", p.name, how)
}

// application computes of with what is computed, two nodes at most; if one of them gives none, so does it.
func application(gives Type, of apply, computed ...node) node {
	return node{typ: gives, eval: func(env Env) (Datum, error) {
		var values [2]Datum
		for i := range computed {
			value, err := computed[i].eval(env)
			if err != nil || value.Type == TypeNone {
				return Datum{}, err
			}
			values[i] = value
		}
		return of(values[0], values[1])
	}}
}

// settled computes right away what needs no name, so that a mistake in it is found when it is compiled.
func (c *compiler) settled(n syntax.Node, made node) (node, error) {
	value, err := made.eval(nowhere{})
	switch {
	case err == nil:
		return node{typ: made.typ, eval: func(Env) (Datum, error) { return value, nil }}, nil
	case errors.Is(err, errNowhere):
		return made, nil
	}
	return c.fail(n, "", "this cannot be computed: %v", err)
}
