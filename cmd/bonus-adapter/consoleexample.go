package main

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	bonusadapter "bonus-adapter"
	"bonus-adapter/cmd/bonus-adapter/console"
	"bonus-adapter/cmd/bonus-adapter/demo"
)

// mixedAnswer is an answer of the demo's CRM with everything that it has, and a type that the config does not know.
const mixedAnswer = `{
  "ok": true,
  "data": {
    "items": [
      { "id": "t-7", "type": "PURCHASE", "createdAt": "2026-05-30T18:12:05+03:00", "expiresAt": null, "earned": 250, "lost": 100, "title": "За покупку: кофемашина" },
      { "id": "t-6", "type": "TRANSFER", "createdAt": "2026-05-21T09:40:00+03:00", "expiresAt": null, "earned": 40, "title": "Перевод с другой карты" },
      { "id": "t-5", "type": "ACCRUAL", "createdAt": "2026-05-12T10:00:00+03:00", "expiresAt": "2026-12-31", "earned": 500, "title": "Подарок ко дню рождения" },
      { "id": "t-4", "type": "SPEND", "createdAt": "2026-04-28T16:03:11+03:00", "expiresAt": null, "lost": 215.1, "title": "Оплата бонусами" },
      { "id": "t-3", "type": "NOTE", "createdAt": "2026-04-02T12:00:00+03:00", "expiresAt": null, "title": "Смена уровня карты" },
      { "id": "t-2", "type": "EXPIRE", "createdAt": "2026-03-01T00:00:00+03:00", "expiresAt": null, "lost": 64, "title": "Бонусы сгорели" },
      { "id": "t-1", "type": "ACCRUAL", "createdAt": "2026-01-15T11:22:33+03:00", "expiresAt": null, "earned": 120, "title": null }
    ]
  },
  "meta": { "page": 1, "totalPages": 1, "total": 7 }
}
`

// example is the program's own config with what the demo's CRM answers.
func example() (any, error) {
	mixed := console.Answer{Name: "page 1", Status: http.StatusOK, Headers: map[string]string{"Content-Type": "application/json"}, Body: mixedAnswer}
	point := &startingPoint{Name: exampleName, Config: string(bonusadapter.Config), Recordings: []consoleRecord{
		{Name: "mixed", Customer: sampleUser, Answers: []console.Answer{mixed}},
	}}
	crm := demo.New(demo.Options{Token: demoToken})
	for _, customer := range demo.Customers() {
		if slices.Contains([]string{"slow", "1000"}, customer.ID) {
			continue // they show time and pages
		}
		answer, err := demoAnswer(crm, customer.ID)
		if err != nil {
			return nil, err
		}
		point.Recordings = append(point.Recordings, consoleRecord{Name: customer.ID, Customer: customer.ID, Now: time.Now(), Answers: []console.Answer{answer}})
	}
	return point, nil
}

func demoAnswer(crm http.Handler, customer string) (console.Answer, error) {
	request, err := http.NewRequest(http.MethodGet, "http://demo/api/customers/"+url.PathEscape(customer)+"/transactions?limit=100", nil)
	if err != nil {
		return console.Answer{}, err
	}
	request.Header.Set("Authorization", "Bearer "+demoToken)
	got := &answered{header: http.Header{}}
	crm.ServeHTTP(got, request)
	return console.Answer{Name: "page 1", Status: got.status, Headers: map[string]string{"Content-Type": got.header.Get("Content-Type")}, Body: got.body.String()}, nil
}
