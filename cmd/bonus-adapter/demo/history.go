package demo

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// documented is the customer of IRP's documentation.
const documented = "12345"

// transaction is what the CRM keeps and tells, more than anybody asks for.
type transaction struct {
	ID        string       `json:"id"`
	Type      string       `json:"type"`
	CreatedAt string       `json:"createdAt"`
	ExpiresAt *string      `json:"expiresAt"`
	Earned    *json.Number `json:"earned,omitempty"`
	Lost      *json.Number `json:"lost,omitempty"`
	Title     string       `json:"title"`
	Shop      string       `json:"shop"`
	Cashier   int          `json:"cashier"`
	Tags      []string     `json:"tags"`
}

func histories() map[string][]transaction {
	return map[string][]transaction{
		documented: {{
			ID: "t-1", Type: "PURCHASE", CreatedAt: written(time.UnixMilli(1627391774032)), Earned: number("250"), Lost: number("100"),
			Title: "За покупку Машинка для стрижки волос и бороды Philips HC 3510/15 Hairclipper series 3000", Shop: "Москва, Тверская, 1", Tags: []string{},
		}},
		"1000":  thousand(),
		"empty": {},
	}
}

var kinds = [...]struct{ code, title string }{
	{"ACCRUAL", "Начисление за покупку"},
	{"SPEND", "Оплата бонусами"},
	{"PURCHASE", "Покупка с оплатой бонусами"},
	{"ACCRUAL", "Подарок ко дню рождения"},
	{"EXPIRE", "Бонусы сгорели"},
}

// thousand makes the long history: newest first, always the same.
func thousand() []transaction {
	all := make([]transaction, 1000)
	at := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	for i := range all {
		kind := kinds[i%len(kinds)]
		if i%100 == 99 {
			kind.code, kind.title = "NOTE", "Смена уровня карты"
		}
		all[i] = transaction{
			ID: fmt.Sprintf("t-%d", 1000-i), Type: kind.code, CreatedAt: written(at), Title: kind.title, Shop: "Интернет-магазин",
			Cashier: i % 7, Tags: []string{"demo"},
		}
		all[i].amounts(i)
		at = at.Add(-37 * time.Hour)
	}
	return all
}

func (t *transaction) amounts(i int) {
	amount := number(strconv.Itoa(10 + i%400))
	if i%3 == 0 {
		amount = number(fmt.Sprintf("%d.%d", 10+i%400, 1+i%9)) // 215.1 and the like
	}
	switch t.Type {
	case "ACCRUAL":
		expires := time.Date(2027, 1, 1+i%28, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		t.Earned, t.ExpiresAt = amount, &expires
	case "PURCHASE":
		t.Earned, t.Lost = amount, number("5")
	case "EXPIRE", "SPEND":
		t.Lost = amount
	}
}

func written(at time.Time) string {
	return at.In(time.FixedZone("", 3*60*60)).Format("2006-01-02T15:04:05.000Z07:00")
}

func number(text string) *json.Number {
	value := json.Number(text)
	return &value
}
