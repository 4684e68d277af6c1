package replay

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// unlikeBody tells in which way a request's body is not the recorded one, by what it is written in; empty if it is.
func unlikeBody(contentType string, sent, recorded []byte) string {
	switch {
	case strings.Contains(contentType, "json"):
		return unlikeJSON(sent, recorded)
	case strings.Contains(contentType, "xml"):
		if a, b := plainXML(sent), plainXML(recorded); a != b {
			return "the XML that is sent is " + a + ", recorded is " + b
		}
		return ""
	case strings.Contains(contentType, "form-urlencoded"):
		return unlikeParams("form", formOf(sent), formOf(recorded))
	}
	if a, b := strings.TrimSpace(string(sent)), strings.TrimSpace(string(recorded)); a != b {
		return "the body that is sent is " + a + ", recorded is " + b
	}
	return ""
}

func formOf(body []byte) []param {
	var all []param
	for part := range strings.SplitSeq(strings.TrimSpace(string(body)), "&") {
		if part != "" {
			name, value, _ := strings.Cut(part, "=")
			all = append(all, param{unescape(strings.ReplaceAll(name, "+", " ")), unescape(strings.ReplaceAll(value, "+", " "))})
		}
	}
	return all
}

func unlikeJSON(sent, recorded []byte) string {
	a, err := parseJSON(sent)
	if err != nil {
		return "the body that is sent is not JSON"
	}
	b, err := parseJSON(recorded)
	if err != nil {
		return "the recorded body is not JSON"
	}
	if differences := differ("", a, b); len(differences) > 0 {
		return "body: " + differences[0].String()
	}
	return ""
}

// parseJSON keeps numbers as they are written.
func parseJSON(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more after the JSON value")
	}
	return value, nil
}

// difference is a place at which two JSON values are not the same.
type difference struct{ Place, Got, Want string }

// String tells it in a line.
func (d difference) String() string {
	return fmt.Sprintf("%s is %s, recorded is %s", d.Place, d.Got, d.Want)
}

// Nothing is what stands where there is no value.
const Nothing = "nothing"

// differ finds the places at which two values differ.
func differ(place string, got, want any) []difference {
	gotMap, isMap := got.(map[string]any)
	wantMap, wantsMap := want.(map[string]any)
	if isMap && wantsMap {
		return differMaps(place, gotMap, wantMap)
	}
	gotList, isList := got.([]any)
	wantList, wantsList := want.([]any)
	if isList && wantsList && len(gotList) == len(wantList) {
		var all []difference
		for i := range gotList {
			all = append(all, differ(fmt.Sprintf("%s[%d]", place, i), gotList[i], wantList[i])...)
		}
		return all
	}
	if a, b := written(got), written(want); a != b {
		return []difference{{place, a, b}}
	}
	return nil
}

func differMaps(place string, got, want map[string]any) []difference {
	names := slices.Collect(maps.Keys(want))
	for name := range got {
		if _, known := want[name]; !known {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var all []difference
	for _, name := range names {
		at := strings.TrimPrefix(place+"."+name, ".")
		a, here := got[name]
		b, there := want[name]
		switch {
		case !here:
			all = append(all, difference{at, Nothing, written(b)})
		case !there:
			all = append(all, difference{at, written(a), Nothing})
		default:
			all = append(all, differ(at, a, b)...)
		}
	}
	return all
}

// written is a value as JSON, without escaping what is no danger in a terminal.
func written(value any) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return err.Error()
	}
	return strings.TrimSpace(text.String())
}

// plainXML writes an XML so that two that mean the same are written alike: without comments, spaces between elements,
// prefixes, and the order of attributes.
func plainXML(text []byte) string {
	decoder := xml.NewDecoder(bytes.NewReader(text))
	decoder.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil }
	var out strings.Builder
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return out.String()
		}
		if err != nil {
			return strings.TrimSpace(string(text))
		}
		switch token := token.(type) {
		case xml.StartElement:
			out.WriteString("<" + token.Name.Local + attributes(token.Attr) + ">")
		case xml.EndElement:
			out.WriteString("</" + token.Name.Local + ">")
		case xml.CharData:
			out.WriteString(strings.TrimSpace(string(token)))
		}
	}
}

func attributes(all []xml.Attr) string {
	var written []string
	for _, each := range all {
		if each.Name.Space != "xmlns" && each.Name.Local != "xmlns" {
			written = append(written, fmt.Sprintf(" %s=%q", each.Name.Local, each.Value))
		}
	}
	slices.Sort(written)
	return strings.Join(written, "")
}
