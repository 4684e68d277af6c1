package document

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// An xmlParser reads one XML. It works on raw tokens: namespaces are not resolved, names are local ones, and a DOCTYPE
// is refused, so no entity but the five of XML itself is ever replaced.
type xmlParser struct {
	decoder *xml.Decoder
	before  int64 // bytes ahead of what the decoder reads
	begun   bool
	names   map[string]string // names of members by names of attributes
}

// parseXML decodes an XML into an object with one member, the root element. An element without elements in it is a text
// (or null, by xsi:nil), another one an object; attributes are members "@name", text among elements is the member
// "#text". Elements of one name in one place are one list, where the first of them stands.
func parseXML(body []byte, settled bool, limits Limits) (Value, error) {
	text := bytes.TrimLeft(bytes.TrimPrefix(body, []byte(utf8Mark)), " \t\r\n")
	if err := notXML(text); err != nil {
		return Value{}, err
	}
	parser := xmlParser{
		decoder: xml.NewDecoder(bytes.NewReader(text)),
		before:  int64(len(body) - len(text)),
		names:   map[string]string{},
	}
	parser.decoder.CharsetReader = xmlCharset(settled)
	return parser.document(limits.Depth)
}

// notXML tells what a text is that can be known for no XML by its beginning.
func notXML(text []byte) error {
	switch {
	case len(text) == 0:
		return errEmpty()
	case text[0] == '{' || text[0] == '[':
		return &DecodeError{What: "the body is JSON, not XML"}
	case opens(text, "<!doctype html"), opens(text, "<html"):
		return &DecodeError{What: "the body is HTML, not XML"}
	}
	return nil
}

// opens tells whether a text begins with a tag, in upper or lower case.
func opens(text []byte, tag string) bool {
	if len(text) <= len(tag) {
		return bytes.EqualFold(text, []byte(tag))
	}
	return bytes.EqualFold(text[:len(tag)], []byte(tag)) && strings.IndexByte(" \t\r\n/>", text[len(tag)]) >= 0
}

// document reads the root element and what may stand around it.
func (p *xmlParser) document(depth int) (Value, error) {
	var root []member
	for {
		token, err := p.next()
		switch {
		case err == io.EOF && len(root) == 0:
			return Value{}, p.wrong("the XML has no element; it ends")
		case err == io.EOF:
			return Value{kind: Object, in: inObject(root), xml: true}, nil
		case err != nil:
			return Value{}, err
		}
		if err := p.atTop(&root, token, depth); err != nil {
			return Value{}, err
		}
	}
}

func (p *xmlParser) atTop(root *[]member, token xml.Token, depth int) error {
	switch token := token.(type) {
	case xml.EndElement:
		return p.wrong("there is an end tag without its element,")
	case xml.CharData:
		if len(bytes.TrimSpace(token)) > 0 {
			return p.wrong("there is text outside the XML's root element,")
		}
	case xml.StartElement:
		if len(*root) > 0 {
			return p.wrong("the XML has a second root element,")
		}
		value, err := p.element(token, depth)
		*root = append(*root, member{token.Name.Local, value})
		return err
	}
	return nil
}

// element reads an element, of which the start tag is read. It may hold elements down to the depth.
func (p *xmlParser) element(start xml.StartElement, depth int) (Value, error) {
	if depth <= 0 {
		return Value{}, ErrTooDeep
	}
	var element xmlElement
	if err := p.attributes(&element, start.Attr); err != nil {
		return Value{}, err
	}
	for {
		token, err := p.next()
		if err == io.EOF {
			return Value{}, p.wrong("the XML breaks off")
		}
		if err != nil {
			return Value{}, err
		}
		switch token := token.(type) {
		case xml.EndElement:
			if token.Name != start.Name {
				return Value{}, p.wrong("an end tag is not that of the open element,")
			}
			return element.value(), nil
		case xml.CharData:
			element.write(token)
		case xml.StartElement:
			child, err := p.element(token, depth-1)
			if err != nil {
				return Value{}, err
			}
			element.add(p.name("", token.Name.Local), child)
		}
	}
}

// attributes takes the attributes of an element; those that declare namespaces say nothing here.
func (p *xmlParser) attributes(element *xmlElement, all []xml.Attr) error {
	for _, attribute := range all {
		space, local := attribute.Name.Space, attribute.Name.Local
		if space == "xmlns" || space == "" && local == "xmlns" || space != "" && ofSchema[local] {
			continue
		}
		name := p.name("@", local)
		if element.find(name) >= 0 {
			return p.wrong("an attribute of an element is there twice,")
		}
		element.add(name, xmlText(attribute.Value))
		if space != "" && local == "nil" {
			text := strings.TrimSpace(attribute.Value)
			element.null = text == "true" || text == "1"
		}
	}
	return nil
}

// ofSchema are attributes by which SOAP servers tell the types of their elements (xsi:type): they are not the CRM's own,
// and beside one of its own of that name would be taken for it.
var ofSchema = map[string]bool{"type": true, "schemaLocation": true, "noNamespaceSchemaLocation": true, "arrayType": true}

// name gives the name of a member, the same string each time: an answer has few names and many of each.
func (p *xmlParser) name(sign, local string) string {
	name, known := p.names[sign+local] // no allocation for a short name
	if !known {
		name = sign + local
		p.names[name] = name
	}
	return name
}

// next gives the next token. A DOCTYPE is refused, and so is a second XML declaration: it could change the charset.
func (p *xmlParser) next() (xml.Token, error) {
	token, err := p.decoder.RawToken()
	if err == io.EOF {
		return nil, io.EOF
	}
	if err != nil {
		return nil, p.broken(err)
	}
	switch token := token.(type) {
	case xml.Directive:
		return nil, p.wrong("the XML has a DOCTYPE, which is not read,")
	case xml.ProcInst:
		if p.begun && token.Target == "xml" {
			return nil, p.wrong("an XML declaration is not at the beginning but")
		}
	}
	p.begun = true
	return token, nil
}

// broken tells where it goes wrong and not at what: the decoder's own message quotes the body.
func (p *xmlParser) broken(err error) error {
	var known *DecodeError // of the charset
	if errors.As(err, &known) {
		return known
	}
	var syntax *xml.SyntaxError
	switch {
	case !errors.As(err, &syntax):
	case strings.HasPrefix(syntax.Msg, "unexpected EOF"):
		return p.wrong("the XML breaks off")
	case syntax.Msg == "invalid UTF-8":
		return p.wrong("the XML is not valid UTF-8")
	}
	return p.wrong("broken XML")
}

// wrong is an error at the place that is read now.
func (p *xmlParser) wrong(what string) error {
	offset := p.before + p.decoder.InputOffset()
	return &DecodeError{What: fmt.Sprintf("%s at byte %d", what, offset), Offset: offset}
}
