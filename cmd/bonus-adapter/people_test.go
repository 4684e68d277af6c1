package main

import "testing"

// TestWithoutPeople: names and numbers of people are taken out of a recording whatever the language of its keys; what the
// config reads stays.
func TestWithoutPeople(t *testing.T) {
	const config = "comment: { at: Комментарий }\ntitle: { at: title }"
	for body, want := range map[string]string{
		`{"fio":"Иванова Мария","firstName":"Мария"}`: `{"fio":"removed","firstName":"removed"}`,
		`{"ФИО":"Иванова Мария","Телефон": "8 916"}`:  `{"ФИО":"removed","Телефон": "removed"}`,
		`{"Комментарий":"За покупку","title":"x"}`:    `{"Комментарий":"За покупку","title":"x"}`,
		`{"КомментарийКассира":"Иванова"}`:            `{"КомментарийКассира":"removed"}`,
		`<Покупатель>Иванова</Покупатель>`:            `<Покупатель>removed</Покупатель>`,
		`<a:ФИО kind="x">Иванова</a:ФИО>`:             `<a:ФИО kind="x">removed</a:ФИО>`,
		`{"text":"+7 916 123-45-67, m@example.ru"}`:   `{"text":"+70000000000, removed@example.com"}`,
		`{"вид":"Начисление","sum":"350,00"}`:         `{"вид":"Начисление","sum":"350,00"}`,
	} {
		if got := withoutPeople(body, config); got != want {
			t.Errorf("%s\nbecomes %s\nwant    %s", body, got, want)
		}
	}
}
