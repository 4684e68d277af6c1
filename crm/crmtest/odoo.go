package crmtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// Odoo plays Odoo's JSON-RPC with contacts, loyalty cards and their history: a contact has one card in the programme,
// and every other line of its history is inactive. Errors have status 200.
type Odoo struct {
	Ledger
	DB, User, Key string
}

// OdooProgram is the number of the loyalty programme.
const OdooProgram = "40004"

const (
	odooUser             = "7"
	odooBusy, odooNewbie = "58", "59" // the numbers of their contacts
)

type odooCall struct {
	Service string            `json:"service"`
	Method  string            `json:"method"`
	Args    []json.RawMessage `json:"args"`
}

// ServeHTTP answers as Odoo does.
func (s *Odoo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var asked struct{ Params odooCall }
	call := &asked.Params
	bad := r.Method != http.MethodPost || r.URL.Path != "/jsonrpc" || json.NewDecoder(r.Body).Decode(&asked) != nil
	switch {
	case bad:
		w.WriteHeader(http.StatusNotFound)
	case call.Service == "common" && call.Method == "login" && len(call.Args) == 3:
		s.login(w, call)
	case call.Service == "object" && call.Method == "execute_kw" && len(call.Args) == 7 && call.credentials() == s.DB+" "+odooUser+" "+s.Key:
		s.search(w, call)
	default:
		s.refuse(w, "odoo.exceptions.AccessDenied")
	}
}

// text reads an argument, a text or a number.
func (c *odooCall) text(i int) string {
	var value any
	_ = json.Unmarshal(c.Args[i], &value)
	return fmt.Sprint(value)
}

func (c *odooCall) credentials() string { return c.text(0) + " " + c.text(1) + " " + c.text(2) }

func (s *Odoo) result(w http.ResponseWriter, value any) {
	say(w, http.StatusOK, object{"jsonrpc": "2.0", "id": 1, "result": value})
}

func (s *Odoo) refuse(w http.ResponseWriter, name string) {
	say(w, http.StatusOK, object{"jsonrpc": "2.0", "id": 1, "error": object{"code": 200, "message": "Odoo Server Error", "data": object{"name": name, "message": name, "debug": "Traceback"}}})
}

func (s *Odoo) login(w http.ResponseWriter, call *odooCall) {
	if call.credentials() != s.DB+" "+s.User+" "+s.Key {
		s.result(w, false)
		return
	}
	s.result(w, json.Number(odooUser))
}

// odooKeys are the named arguments of a search.
type odooKeys struct {
	Limit, Offset int
	Context       struct {
		ActiveTest *bool `json:"active_test"`
	}
}

// hides tells whether the search leaves out what is inactive, as it does unless it is told not to.
func (k *odooKeys) hides() bool { return k.Context.ActiveTest == nil || *k.Context.ActiveTest }

func (s *Odoo) search(w http.ResponseWriter, call *odooCall) {
	var domain [1][][3]any
	var keys odooKeys
	if json.Unmarshal(call.Args[5], &domain) != nil || json.Unmarshal(call.Args[6], &keys) != nil {
		s.refuse(w, "builtins.ValueError")
		return
	}
	is := map[string]string{}
	for _, condition := range domain[0] {
		is[fmt.Sprint(condition[0], condition[1])] = fmt.Sprint(condition[2])
	}
	switch call.text(3) + "." + call.text(4) {
	case "res.partner.search_read":
		s.contact(w, is["ref="])
	case "loyalty.card.search_read":
		if is["program_id="] != OdooProgram {
			is["partner_id="] = ""
		}
		s.result(w, odooRecord(is["partner_id="])) // a card has its contact's number
	case "loyalty.history.search_read":
		s.result(w, s.lines(is["card_id="], &keys))
	default:
		s.refuse(w, "builtins.KeyError")
	}
}

func (s *Odoo) contact(w http.ResponseWriter, ref string) {
	switch ref {
	case Hasty:
		w.WriteHeader(http.StatusTooManyRequests)
	case Unlucky:
		s.refuse(w, "odoo.exceptions.AccessError")
	default:
		s.result(w, odooRecord(map[string]string{Busy: odooBusy, Newbie: odooNewbie}[ref]))
	}
}

func odooRecord(id string) []object {
	if id == "" {
		return []object{}
	}
	return []object{{"id": json.Number(id)}}
}

func (s *Odoo) lines(card string, keys *odooKeys) []object {
	var all []object
	for i := range s.Busy {
		if card == odooBusy && (i%2 == 0 || !keys.hides()) {
			all = append(all, s.line(i))
		}
	}
	return list(len(all), keys.Offset, keys.Limit, func(i int) object { return all[i] })
}

func (s *Odoo) line(i int) object {
	issued, used := max(s.Points(i), 0), max(-s.Points(i), 0)
	return object{
		"id": 100_000 - i, "card_id": []any{json.Number(odooBusy), "Card 044"}, "description": false, "issued": float64(issued), "used": float64(used),
		"create_date": s.At(i).Format(time.DateTime), "expiration_date": false, "active": i%2 == 0,
	}
}
