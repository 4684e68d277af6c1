package crm

import (
	"bonus-adapter/config"
	"bonus-adapter/document"
)

// envelope is a JSON body that a protocol lays around the config's own part.
type envelope struct {
	before, key, after string // key begins what is left out together with inside
	inside             *JSONBody
}

func (e envelope) sources() source { return e.inside.sources() }

func (e envelope) encode(values document.Env) ([]byte, *Error) {
	inside, err := e.inside.encode(values)
	if err != nil {
		return nil, err
	}
	text := e.before
	if inside != nil {
		text += e.key + string(inside)
	}
	return []byte(text + e.after), nil
}

// newGraphQL compiles a query. It has braces of its own and is sent as it stands: values go into the variables.
func newGraphQL(place string, cfg *GraphQL, names *names, problems *config.Problems) envelope {
	if cfg.Query == "" {
		problems.Add(place, "query is missing: what is asked?")
	}
	if root := cfg.Variables.root; root != nil && root.names == nil {
		problems.Add(place+".variables", "variables are a map of names and values")
	}
	cfg.Variables.bind(place+".variables", names, problems)
	return envelope{`{"query":` + jsonText(cfg.Query), `,"variables":`, `}`, &cfg.Variables}
}

func newJSONRPC(place string, cfg *JSONRPC, names *names, problems *config.Problems) envelope {
	if cfg.Method == "" {
		problems.Add(place, "method is missing: what is called?")
	}
	if root := cfg.Params.root; root != nil && (root.text != nil || root.literal != "" || root.inner != nil) {
		problems.Add(place+".params", "params are a map or a list")
	}
	cfg.Params.bind(place+".params", names, problems)
	return envelope{`{"jsonrpc":"2.0","method":` + jsonText(cfg.Method), `,"params":`, `,"id":1}`, &cfg.Params}
}
