package crm

import (
	"net/http"

	"bonus-adapter/document"
)

// form is Params as a body.
type form struct{ *Params }

func (f form) encode(values document.Env) ([]byte, *Error) {
	text, err := f.Params.encode(values)
	return []byte(text), err
}

// payload is one kind of body.
type payload struct {
	key         string
	given       bool
	get         bool // it may go with get
	contentType string
	speaks      protocol
	compile     func(place string) body
}

const contentJSON = "application/json"

// payloads are the kinds of body, as far as the config has them.
func (b *callBuilder) payloads() []payload {
	cfg, names, problems := b.cfg, b.names, b.problems
	return []payload{
		{"json", !cfg.JSON.IsZero(), true, contentJSON, plainHTTP, func(place string) body {
			cfg.JSON.bind(place, names, problems)
			return &cfg.JSON
		}},
		{"form", !cfg.Form.IsZero(), false, "application/x-www-form-urlencoded", plainHTTP, func(place string) body {
			cfg.Form.bind(place, names, problems)
			return form{&cfg.Form}
		}},
		{"xml", !cfg.XML.IsZero(), false, "application/xml; charset=utf-8", plainHTTP, func(place string) body {
			return newXML(place, &cfg.XML, names, problems)
		}},
		{"soap", !cfg.SOAP.IsZero(), false, "text/xml; charset=utf-8", soap, func(place string) body {
			return newSOAP(place, &cfg.SOAP, names, problems)
		}},
		{"graphql", cfg.GraphQL != nil, false, contentJSON, graphQL, func(place string) body {
			return newGraphQL(place, cfg.GraphQL, names, problems)
		}},
		{"jsonrpc", cfg.JSONRPC != nil, false, contentJSON, jsonRPC, func(place string) body {
			return newJSONRPC(place, cfg.JSONRPC, names, problems)
		}},
	}
}

func (b *callBuilder) chooseBody(c *call) {
	before := ""
	for _, each := range b.payloads() {
		if !each.given {
			continue
		}
		place := b.place + "." + each.key
		if before != "" {
			b.problems.Add(place, "a request has one body, and here are %s and %s", before, each.key).Key = true
		}
		if c.method == http.MethodGet && !each.get {
			b.problems.Add(place, "%s needs post or put", each.key).Hint = "write post: instead of get:"
		}
		before = each.key
		c.body, c.contentType, c.speaks = each.compile(place), each.contentType, each.speaks
	}
}
