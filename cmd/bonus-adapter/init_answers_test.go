package main

// madeUpAnswer says what becomes of a file in testdata/answers: as proposed, without an answer to any question.
type madeUpAnswer struct {
	entries []string
	says    []string
	refused string
}

// madeUpAnswers are answers as unlike each other as could be thought of: languages, names, nesting, dates, and every way
// to tell earned points from lost ones. What cannot be known counts as unmatched.
func madeUpAnswers() map[string]madeUpAnswer {
	return map[string]madeUpAnswer{
		"german.json": {
			entries: []string{
				"+15 -0 Geburtstag 2024-03-24T21:00:00 2025-03-24T21:00:00",
				"+0 -50 Kaffee 2024-02-16T21:00:00",
				"+120 -0 Einkauf Filiale Mitte 2024-02-02T21:00:00 2025-02-02T21:00:00",
				"live; unmatched=1",
			},
			says: []string{`ASK: "STORNO" seen once, always positive`, `"GUTSCHRIFT" seen 2 times, always positive`},
		},
		"graphql.json": {entries: []string{"+0 -300 Vale de descuento 2024-05-02T23:20:00", "+450 -0 Compra en tienda 2024-05-01T15:00:00"}},
		"attributes.xml": {
			entries: []string{"+0 -100 Чек 9 2024-02-13T09:00:00", "+250.5 -0 Чек 5 2024-02-05T07:15:00 2025-02-04T21:00:00", "live; unmatched=1"},
			says:    []string{`ASK: "Корректировка" seen once`},
		},
		"soap.xml":     {entries: []string{"+0 -12.5 Списание бонусов 2024-03-02T09:00:00", "+35 -0 Начисление бонусов 2024-03-01T09:00:00"}},
		"epoch.json":   {entries: []string{"+45.5 -0 Кэшбэк за ноябрь 2023-11-15T22:13:20", "+0 -30 Покупка, заказ 118 2023-11-14T22:13:20"}},
		"columns.json": {entries: []string{"+25 -0 Order S00031 2024-04-01T05:00:00", "+0 -10 Reward 2024-03-30T16:45:10"}},
		"keyed.json":   {refused: "no list of transactions was found"},
		"bymonth.json": {entries: []string{"+0 -15 Списание по чеку 5 2024-02-03T08:00:00", "+40 -0 Покупка 2024-01-20T15:05:00", "+5 -0 Отзыв о товаре 2024-01-02T06:00:00"}},
		"short.json":   {entries: []string{"+75 -0 Начисление бонусов 2024-01-08T21:00:00", "+0 -20 Списание бонусов 2024-01-04T21:00:00", "+50 -0 Начисление бонусов 2024-01-01T21:00:00"}},
		"american.json": {
			entries: []string{"+0 -40 Сгорание бонусов 2024-12-31T20:59:59", "+0 -60 Списание бонусов 2024-04-02T08:05:00", "+100 -0 Начисление бонусов 2024-03-25T11:30:00"},
		},
		"inverted.json": {
			entries: []string{"+0 -50 Списание бонусов 2024-01-11T10:00:00", "live; unmatched=1"},
			says:    []string{"what does a sign mean here?", `ASK: "EARN" seen once, always negative`},
		},
		"corrections.json": {
			entries: []string{"+0 -15 Списание бонусов 2024-01-19T21:00:00", "+40 -0 Начисление бонусов 2024-01-11T21:00:00", "live; unmatched=1"},
			says:    []string{`ASK: "ADJUST" seen once, always negative`},
		},
		"codes.json": {
			entries: []string{"live; reason=all_filtered; unmatched=3"},
			says:    []string{`ASK: "17" seen once, always positive: does it add points or take points away?`},
		},
		"receipts.json": {entries: []string{"+25 -0 Начисление бонусов 2024-06-08T09:00:00", "+95 -100 Начисление и списание бонусов 2024-06-01T09:00:00"}, says: []string{"fail: body.success == false"}},
		"chinese.json":  {entries: []string{"+0 -80 兑换礼品 2024-03-15T15:30:00", "+120 -0 门店购物 2024-03-01T07:00:00"}},
		"canceled.json": {
			entries: []string{"+0 -30 Оплата заказа 17 2024-02-04", "+70 -0 За заказ 15 2024-02-01"},
		},
		"debit.json": {
			entries: []string{"+0 -300.5 Оплата бонусами 2024-03-04T21:00:00", "+1250 -0 Начисление за покупку 2024-01-31T21:00:00"},
			says:    []string{"ASK: is the day first?"},
		},
		"grouped.json": {
			entries: []string{"+6 -0 Сок 2024-03-08T21:00:00", "+10 -0 Кофе 2024-02-29T21:00:00", "+0 -4 Чай 2024-02-29T21:00:00", "+3 -0 Вода 2024-02-19T21:00:00"},
		},
		"positive.json": {
			entries: []string{"+30 -0 Начисление бонусов 2024-01-12T10:00:00", "+12 -0 Начисление бонусов 2024-01-10T10:00:00"},
			says:    []string{"ASK: no amount of the sample is negative"},
		},
		"dotnet.json": {
			entries: []string{"+5 -0 Начисление бонусов 2021-07-27T13:16:14.032", "+7 -0 Начисление бонусов 2021-07-26T13:16:14.032"},
			says:    []string{"layout: dotnet", "unique: id", "ASK: no amount"},
		},
		"twofields.json": {
			entries: []string{"+0 -4 Списание бонусов 2024-05-15T16:40:00", "+11 -0 Начисление бонусов 2024-05-02T06:05:00"},
			says:    []string{`at: [opDate, opTime]`, `layout: "02.01.2006 15:04"`},
		},
		"voids.json": {
			entries: []string{"+0 -2.5 Списание бонусов 2024-02-01T09:30:00", "+20 -0 Начисление бонусов 2024-01-31T09:30:00 2025-01-31"},
			says:    []string{`none: ["0001-01-01T00:00:00"]`},
		},
		"balances.json": {refused: "no list of transactions was found"},
	}
}
