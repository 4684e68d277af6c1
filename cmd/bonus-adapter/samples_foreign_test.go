package main

import (
	"fmt"

	"bonus-adapter/cmd/bonus-adapter/replay"
)

// foreignSampleTests are the samples of vendors outside of Russia. Two of Talon.One's examples have a layout of Go that
// leaked into them in place of dates, 2022-01-02T15:04:05Z07:00: such records cannot be read.
func foreignSampleTests() []sampleTest {
	const (
		talonOne   = "GET /v1/loyalty_programs/talonone-program/profile/12345/"
		talonTx    = talonOne + "transactions?pageSize=1000&startDate=2016-01-04T00:00:00Z&skip="
		talonLots  = talonOne + "points?status=expired&pageSize=1000&skip="
		members    = "GET /v2/loyalties/memberships/12345?identification_type=customer_source_id"
		card       = "GET /v2/loyalties/programs/p/members/m/cards/c/transactions?limit=100&order=-created_at"
		smile      = "GET /v1/points_transactions?customer_id=12345&limit=250"
		accounts   = "POST /v2/loyalty/accounts/search"
		events     = "POST /v2/loyalty/events/search"
		summary    = "GET /services/data/v58.0/loyalty/programs/salesforce-program/members/12345/transaction-ledger-summary?pageNumber=1"
		none       = "0 entries +0 -0"
		unreadable = "fallback; reason=mapping_failed"
	)
	noTx, noLots := gets(talonTx+"2", `{"hasMore":false,"data":[]}`), gets(talonLots+"0", `{"hasMore":false,"data":[]}`)
	member := gets(members, `{"memberships":[{"member":{"id":"m"},"program":{"id":"p"},"cards":[{"card":{"id":"c"}}]}]}`)
	sampleCard := "GET /v2/loyalties/programs/lprg_128f58429f4c4bf7b2/members/lmbr_128f962dbc8c4ba5dc/cards/lcard_128f962dbc8c4ba5dc/transactions?limit=100&order=-created_at"
	token := gets("POST /services/oauth2/token", `{"access_token":"t","token_type":"Bearer","instance_url":"https://shop.my.salesforce.com"}`)
	return []sampleTest{
		{preset: "talonone", sample: "talonone-profile-transactions-openapi-example.json", answers: []replay.Answer{getsSample(talonTx+"0", 0), noTx, noLots}, history: unreadable, told: none},
		{
			preset: "talonone", sample: "talonone-profile-points-openapi-example.json", history: unreadable, told: none,
			answers: []replay.Answer{gets(talonTx+"0", `{"hasMore":false,"data":[]}`), getsSample(talonLots+"0", 0), gets(talonLots+"2", `{"hasMore":false,"data":[]}`)},
		},
		// An entry of the ledger has what the preset reads of a transaction.
		{
			preset: "talonone", sample: "talonone-ledger-entry-openapi-example.json", history: "live", told: "1 entries +100 -0",
			replaced: []string{"{\n  \"eventID\"", "{\"hasMore\":false,\"data\":[{\n  \"eventID\"", "00Z\"\n}", "00Z\"\n}]}"},
			answers:  []replay.Answer{getsSample(talonTx+"0", 0), noLots},
		},
		{preset: "voucherify", sample: "voucherify-v2-memberships.json", answers: []replay.Answer{getsSample(members, 0), gets(sampleCard, `{"data":[],"cursor":null}`)}, history: "live; reason=no_transactions", told: none},
		{preset: "voucherify", sample: "voucherify-v2-card-transactions.json", answers: []replay.Answer{member, getsSample(card, 0)}, history: "live", told: "1 entries +50 -0"},
		{preset: "voucherify", sample: "voucherify-v2-error-404.json", answers: []replay.Answer{getsSample(members, 404)}, history: "live; reason=user_not_found", told: none},
		{preset: "voucherify", sample: "voucherify-v2-error-invalid-cursor.json", answers: []replay.Answer{member, getsSample(card, 400)}, history: "fallback; reason=crm_error_body", told: none},
		{preset: "square", sample: "square-accounts-search-response.json", answers: []replay.Answer{getsSample(accounts, 0), gets(events, `{}`)}, history: "live; reason=no_transactions", told: none},
		{preset: "square", sample: "square-events-search-response.json", answers: []replay.Answer{gets(accounts, `{"loyalty_accounts":[{"id":"a"}]}`), getsSample(events, 0)}, history: "live", told: "2 entries +5 -10"},
		{preset: "salesforce", sample: "salesforce-transaction-ledger-summary.json", answers: []replay.Answer{token, getsSample(summary, 0)}, history: "live", told: "4 entries +500 -100"},
		{
			preset: "smile", sample: "smileio-points-transactions-list.json", history: "live", told: "1 entries +100 -0",
			answers: []replay.Answer{getsSample(smile, 0), gets(smile+"&cursor=aWQ6MixkaXJlY3Rpb246bmV4dA==", `{"points_transactions":[],"metadata":{"next_cursor":"","previous_cursor":""}}`)},
		},
		// It names two pages, and is the first.
		{preset: "capillary", sample: "capillary-ledger-info.json", answers: capillaryAnswers(), history: "live", told: "4 entries +438 -10"},
	}
}

// capillaryAnswers have the sample in the newest of the windows.
func capillaryAnswers() []replay.Answer {
	const layout, none = "2006-01-02T15:04:05", `{"ledgerDetails":{"pageCount":0},"ledgerEntries":[]}`
	const second = `{"ledgerDetails":{"pageCount":2},"ledgerEntries":[{"eventLogId":1,"eventName":"TransactionAdd","ledgerCreatedDate":"2022-02-17 10:00:00.0",` +
		`"entryDetails":[{"ledgerEntryType":"CREDIT","points":"1","pointsCategory":"Main"}]}]}`
	all := []replay.Answer{gets("POST /v3/oauth/token/generate", `{"data":{"accessToken":"t","ttlSeconds":300},"errors":null}`)}
	now := replay.Default().Now
	begin := now.AddDate(0, 0, -365)
	for to := now; to.After(begin); to = to.AddDate(0, 0, -29) {
		from := to.AddDate(0, 0, -29)
		if from.Before(begin) {
			from = begin
		}
		request := fmt.Sprintf("GET /v2/pointsLedger/getCustomerLedgerInfo?identifierName=externalId&identifierValue=12345&source=capillary-source&limit=10&startDate=%s&endDate=%s&offset=",
			from.Format(layout), to.Format(layout))
		if to.Equal(now) {
			all = append(all, getsSample(request+"0", 0), gets(request+"1", second))
			continue
		}
		all = append(all, gets(request+"0", none))
	}
	return all
}
