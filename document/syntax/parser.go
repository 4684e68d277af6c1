package syntax

import (
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser/lexer"
)

// Parse reads an expression. The error is an *[Error].
func Parse(source string) (Node, error) {
	if strings.TrimSpace(source) == "" {
		return nil, &Error{0, "the expression is empty", ""}
	}
	p := &parser{source: source, lexer: lexer.New()}
	p.lexer.Reset(file.NewSource(source))
	p.next()
	node := p.expression(0)
	if p.failed == nil && p.token.Kind != lexer.EOF {
		p.unexpected()
	}
	if p.failed != nil {
		return nil, p.failed
	}
	return node, nil
}

// parser reads token after token. After a mistake it goes on with an end of the text, so that only the first is told.
type parser struct {
	source   string
	lexer    *lexer.Lexer
	token    lexer.Token
	span     Span // of the token
	runes    int  // how many of the source's runes stand before byte bytes
	bytes    int
	last     int // where the token before ended
	depth    int
	failed   *Error
	lookedAt *lexer.Token // read already, after the token
}

// mostDepth is more than anybody nests.
const mostDepth = 100

func (p *parser) next() {
	p.last = p.span.To
	if p.lookedAt != nil {
		p.token, p.lookedAt = *p.lookedAt, nil
	} else {
		p.token = p.read()
	}
	p.span = Span{p.offset(p.token.From), p.offset(p.token.To)}
}

// peek gives the token after this one.
func (p *parser) peek() lexer.Token {
	if p.lookedAt == nil {
		token := p.read()
		p.lookedAt = &token
	}
	return *p.lookedAt
}

func (p *parser) read() lexer.Token {
	end := lexer.Token{Kind: lexer.EOF, Location: file.Location{From: utf8.RuneCountInString(p.source), To: utf8.RuneCountInString(p.source)}}
	if p.failed != nil {
		return end
	}
	token, err := p.lexer.Next()
	if err == nil {
		return token
	}
	var wrong *file.Error
	if errors.As(err, &wrong) {
		p.fail(p.offset(wrong.From), "the expression cannot be read here: "+wrong.Message, "")
		if strings.Contains(wrong.Message, "unclosed") || strings.Contains(wrong.Message, "literal not terminated") {
			p.failed.Hint = "a quote or bracket is not closed"
		}
	} else if !errors.Is(err, io.EOF) {
		p.fail(0, "the expression cannot be read: "+err.Error(), "")
	}
	return end
}

// offset turns the lexer's count of runes into bytes. It mostly asks for what stands behind what it asked for before.
func (p *parser) offset(runes int) int {
	if runes < p.runes {
		p.runes, p.bytes = 0, 0
	}
	for ; p.runes < runes && p.bytes < len(p.source); p.runes++ {
		_, size := utf8.DecodeRuneInString(p.source[p.bytes:])
		p.bytes += size
	}
	return p.bytes
}

func (p *parser) fail(offset int, message, hint string) {
	if p.failed == nil {
		p.failed = &Error{offset, message, hint}
	}
}

// unexpected is a token that cannot stand where it is.
func (p *parser) unexpected() {
	switch {
	case p.token.Kind == lexer.EOF:
		p.fail(len(strings.TrimRight(p.source, " \t\r\n")), "the expression ends too early", "")
	case p.is("="):
		p.fail(p.span.From, "the expression cannot be read here: unexpected =", "compare with ==")
	default:
		p.fail(p.span.From, "the expression cannot be read here: unexpected "+p.source[p.span.From:p.span.To], "")
	}
}

// is tells whether the token is this operator or bracket.
func (p *parser) is(value string) bool {
	return (p.token.Kind == lexer.Operator || p.token.Kind == lexer.Bracket) && p.token.Value == value
}

// take goes over this operator or bracket, and tells whether it was there.
func (p *parser) take(value string) bool {
	if p.is(value) {
		p.next()
		return true
	}
	return false
}

// expect goes over this operator or bracket, which has to be there.
func (p *parser) expect(value string) {
	if !p.take(value) {
		p.unexpected()
	}
}

// from gives the span from a place to the end of what was read.
func (p *parser) from(begin int) Span { return Span{begin, p.last} }

// binds tells how strongly the operators between two values bind: the strongest first.
var binds = map[string]int{
	"or": 10, "||": 10, "and": 15, "&&": 15, "==": 20, "!=": 20, "<": 20, ">": 20, "<=": 20, ">=": 20,
	"in": 20, "matches": 20, "contains": 20, "startsWith": 20, "endsWith": 20, "..": 25,
	"+": 30, "-": 30, "*": 60, "/": 60, "%": 60, "**": 100, "^": 100, "??": 500,
}

// bindsBefore tells it of those before one value.
var bindsBefore = map[string]int{"not": 50, "!": 50, "-": 90, "+": 90}

// expression reads what binds at least so strongly; all of a ? b : c binds weakest.
func (p *parser) expression(least int) Node {
	if p.depth++; p.depth > mostDepth {
		p.fail(p.span.From, "the expression is nested too deeply", "")
	}
	defer func() { p.depth-- }()
	node := p.operations(p.value(), least)
	for least == 0 && p.is("?") && p.failed == nil {
		at := p.span
		p.next()
		made := &Conditional{Span: at, Cond: node}
		made.Exp1 = p.expression(0)
		p.expect(":")
		made.Exp2 = p.expression(0)
		node = made
	}
	return node
}

// operations reads what stands behind a value.
func (p *parser) operations(left Node, least int) Node {
	for before := ""; p.token.Kind == lexer.Operator && p.failed == nil; {
		if least == 0 && p.take("|") {
			left, before = p.piped(left), ""
			continue
		}
		negated := p.is("not") && negatable(p.peek())
		operator := p.token.Value
		if negated {
			operator = p.peek().Value
		}
		strength, known := binds[operator]
		if !known || strength < least {
			break
		}
		if before == "??" && operator != "??" {
			p.fail(p.span.From, "?? and "+operator+" cannot stand side by side without brackets", "(a ?? b) "+operator+" c")
		}
		if negated {
			p.next()
		}
		at := p.span
		p.next()
		right := p.expression(strength + 1)
		left = &Binary{at, operator, left, right}
		if negated {
			left = &Unary{at, "not", left}
		}
		if compares(operator) {
			left = p.chain(left, right, strength)
		}
		before = operator
	}
	return left
}

// piped reads the function behind a | that a value is given to: x | last(4) is last(x, 4).
func (p *parser) piped(value Node) Node {
	name, at := p.token.Value, p.span
	if p.token.Kind != lexer.Identifier {
		p.unexpected()
	}
	p.next()
	p.expect("(")
	arguments := append([]Node{value}, p.list(")")...)
	return p.behind(at.From, &Call{p.from(at.From), name, arguments})
}

func negatable(token lexer.Token) bool {
	switch token.Value {
	case "in", "contains", "matches", "startsWith", "endsWith":
		return token.Kind == lexer.Operator
	}
	return false
}

func compares(operator string) bool {
	return operator == "<" || operator == ">" || operator == "<=" || operator == ">="
}

// chain reads further comparisons: 1 < a < 5 is 1 < a and a < 5.
func (p *parser) chain(left, middle Node, strength int) Node {
	for p.token.Kind == lexer.Operator && compares(p.token.Value) && p.failed == nil {
		at, operator := p.span, p.token.Value
		p.next()
		right := p.expression(strength + 1)
		left = &Binary{at, "and", left, &Binary{at, operator, middle, right}}
		middle = right
	}
	return left
}
