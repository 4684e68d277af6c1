package crmtest

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Mindbox plays the API v3 of Mindbox, in JSON or XML as it is asked. Its errors come with HTTP 200.
type Mindbox struct{ Endpoint, Operation, Key string }

// mindboxAsked is a request, in either form.
type mindboxAsked struct {
	XMLName  xml.Name `json:"-" xml:"operation"`
	Customer struct {
		IDs struct {
			WebSiteUserID string `json:"webSiteUserId" xml:"webSiteUserId"`
		} `json:"ids" xml:"ids"`
	} `json:"customer" xml:"customer"`
	Page struct {
		Number int `json:"pageNumber" xml:"pageNumber"`
		Size   int `json:"itemsPerPage" xml:"itemsPerPage"`
	} `json:"page" xml:"page"`
}

// mindboxAnswer is an answer, in either form.
type mindboxAnswer struct {
	XMLName  xml.Name         `json:"-" xml:"result"`
	Status   string           `json:"status" xml:"status"`
	Message  string           `json:"errorMessage,omitempty" xml:"errorMessage,omitempty"`
	Customer *mindboxCustomer `json:"customer,omitempty" xml:"customer,omitempty"`
	Actions  []mindboxAction  `json:"customerActions" xml:"customerActions>customerAction"`
	Count    int              `json:"customerActionsCount" xml:"customerActionsCount"`
}

type mindboxCustomer struct {
	Status string `json:"processingStatus" xml:"processingStatus"`
}

type mindboxAction struct {
	Time    string          `json:"dateTimeUtc" xml:"dateTimeUtc"`
	Changes []mindboxChange `json:"customerBalanceChanges" xml:"customerBalanceChanges>customerBalanceChange"`
}

type mindboxChange struct {
	Amount    string `json:"changeAmount" xml:"changeAmount"`
	Expires   string `json:"expirationDateTimeUtc,omitempty" xml:"expirationDateTimeUtc,omitempty"`
	Begins    string `json:"availableFromDateTimeUtc,omitempty" xml:"availableFromDateTimeUtc,omitempty"`
	Available bool   `json:"isAvailable" xml:"isAvailable"`
	Comment   string `json:"comment,omitempty" xml:"comment,omitempty"`
	Kind      struct {
		Name string `json:"systemName" xml:"systemName"`
	} `json:"balanceChangeKind" xml:"balanceChangeKind"`
}

// mindboxActions are more than a page holds, the newest on the second one.
func mindboxActions() []mindboxAction {
	change := func(amount, kind string) mindboxChange {
		made := mindboxChange{Amount: amount, Available: true}
		made.Kind.Name = kind
		return made
	}
	bonus, payment, gift, waits := change("215.1", "RetailOrderBonus"), change("-100", "RetailOrderPayment"), change("50", "Custom"), change("33", "RetailOrderBonus")
	bonus.Begins, bonus.Expires = "2026-03-16 09:00:00.000", "2027-03-02T09:00:00Z"
	gift.Comment = "Бонусы за отзыв"
	waits.Available = false
	var actions []mindboxAction
	for range 1000 {
		actions = append(actions, mindboxAction{"2026-01-01 00:00:00.000", []mindboxChange{change("1", "Custom")}})
	}
	return append(actions,
		mindboxAction{"2026-03-02 09:00:00.000", []mindboxChange{bonus, payment}},
		mindboxAction{"2026-02-01 09:00:00.000", []mindboxChange{gift, waits}})
}

// ServeHTTP answers as Mindbox does.
func (v Mindbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var asked mindboxAsked
	err := asked.read(r)
	query := r.URL.Query()
	switch {
	case r.Method != http.MethodPost || r.URL.Path != "/v3/operations/sync":
		http.NotFound(w, r)
	case r.Header.Get("Authorization") != "SecretKey "+v.Key:
		sayEither(w, r, http.StatusUnauthorized, mindboxAnswer{Status: "ProtocolError", Message: "Unauthorized"})
	case query.Get("endpointId") != v.Endpoint || query.Get("operation") != v.Operation:
		sayEither(w, r, http.StatusBadRequest, mindboxAnswer{Status: "ProtocolError", Message: "Unknown operation"})
	case err != nil || asked.Page.Number < 1 || asked.Page.Size > 1000:
		sayEither(w, r, http.StatusOK, mindboxAnswer{Status: "ValidationError"})
	default:
		sayEither(w, r, http.StatusOK, asked.answer())
	}
}

func (a *mindboxAsked) answer() mindboxAnswer {
	made := mindboxAnswer{Status: "Success", Customer: &mindboxCustomer{"Found"}, Actions: []mindboxAction{}}
	switch a.Customer.IDs.WebSiteUserID {
	case Busy:
		all := mindboxActions()
		made.Actions, made.Count = part(all, (a.Page.Number-1)*a.Page.Size, a.Page.Size), len(all)
	case Newbie:
	case Unlucky:
		made = mindboxAnswer{Status: "InternalServerError", Message: "Something went wrong"}
	default:
		made.Customer.Status = "NotFound"
	}
	return made
}

func (a *mindboxAsked) read(r *http.Request) error {
	switch {
	case !strings.HasPrefix(r.Header.Get("Content-Type"), r.Header.Get("Accept")):
		return fmt.Errorf("Content-Type is not Accept") //nolint:err113 // never looked at
	case isXML(r):
		return xml.NewDecoder(r.Body).Decode(a)
	}
	return json.NewDecoder(r.Body).Decode(a)
}

func isXML(r *http.Request) bool { return r.Header.Get("Accept") == "application/xml" }

func sayEither(w http.ResponseWriter, r *http.Request, status int, what any) {
	if !isXML(r) {
		say(w, status, what)
		return
	}
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, xml.Header)
	_ = xml.NewEncoder(w).Encode(what)
}
