package syntax

import "github.com/expr-lang/expr/parser/lexer"

// value reads one value, and what is behind it without an operator.
func (p *parser) value() Node {
	begin := p.span.From
	if strength, known := bindsBefore[p.token.Value]; known && p.token.Kind == lexer.Operator {
		at, operator := p.span, p.token.Value
		p.next()
		return &Unary{at, operator, p.expression(strength)}
	}
	if p.take("(") {
		node := p.expression(0)
		p.expect(")")
		return p.behind(begin, node)
	}
	if p.is("let") || p.is("if") || p.is("{") {
		p.fail(begin, "this form of expression is not supported: "+p.source[begin:], "there are a ? b : c, lists behind in, and names")
	}
	return p.behind(begin, p.word())
}

// word reads a literal, a name, a call or a list.
func (p *parser) word() Node {
	token, at := p.token, p.span
	switch {
	case token.Kind == lexer.Identifier:
		p.next()
		return p.named(token.Value, at)
	case token.Kind == lexer.Number:
		p.next()
		return &Number{at, p.source[at.From:at.To]}
	case token.Kind == lexer.String:
		p.next()
		return &String{at, token.Value}
	case p.take("#"): // an element, inside of expr's functions over lists
		return &Other{at}
	case p.take("["):
		nodes := p.list("]")
		return &Array{p.from(at.From), nodes}
	}
	p.unexpected()
	return &Other{at}
}

// named gives what a name stands for.
func (p *parser) named(name string, at Span) Node {
	switch {
	case name == "true" || name == "false":
		return &Bool{at, name == "true"}
	case name == "nil":
		return &Nil{at}
	case p.take("("):
		arguments := p.list(")")
		return &Call{p.from(at.From), name, arguments}
	}
	return &Identifier{at, name}
}

// list reads values with commas between them, up to a bracket. The last one may have a comma too.
func (p *parser) list(end string) []Node {
	var nodes []Node
	for !p.is(end) && p.failed == nil {
		nodes = append(nodes, p.expression(0))
		if !p.take(",") {
			break
		}
	}
	p.expect(end)
	return nodes
}

// behind reads the members of a value, and what else may stand directly behind it.
func (p *parser) behind(begin int, node Node) Node {
	for p.failed == nil {
		optional := p.is("?.")
		switch {
		case optional || p.is("."):
			p.next()
			if optional && p.is("[") {
				continue
			}
			node = p.member(begin, node, optional)
		case p.take("["):
			node = p.index(begin, node)
		default:
			return node
		}
	}
	return node
}

// member reads the name behind a dot.
func (p *parser) member(begin int, node Node, optional bool) Node {
	if p.token.Kind != lexer.Identifier && (p.token.Kind != lexer.Operator || !isWord(p.token.Value)) {
		p.unexpected()
	}
	name := &String{p.span, p.token.Value}
	p.next()
	if p.take("(") {
		p.list(")")
		return &Other{p.from(begin)}
	}
	return &Member{p.from(begin), node, name, optional}
}

// isWord tells an operator that is written as a word: it may be the name of a member.
func isWord(operator string) bool { return operator[0] >= 'a' && operator[0] <= 'z' }

// index reads what stands in brackets behind a value.
func (p *parser) index(begin int, node Node) Node {
	var property Node
	if !p.is(":") {
		property = p.expression(0)
	}
	if p.take(":") { // a part of a list
		if !p.is("]") {
			p.expression(0)
		}
		p.expect("]")
		return &Other{p.from(begin)}
	}
	p.expect("]")
	return &Member{p.from(begin), node, property, false}
}
