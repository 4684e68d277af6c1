package main

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"bonus-adapter/cmd/bonus-adapter/replay"
)

// sampleTest plays a preset with a vendor's own sample among its answers. Samples are not ours to keep: they are read from
// where BONUS_ADAPTER_SAMPLES points.
type sampleTest struct {
	preset   string
	sample   string
	user     string // 12345 if empty
	answers  []replay.Answer
	replaced []string // of the sample, in pairs: placeholders, and values in their place
	history  string
	told     string
}

// sampled is the answer or the request body that is the sample.
const sampled = "sample"

func gets(request, text string) replay.Answer { return replay.Answer{Request: request, Text: text} }

func getsSample(request string, status int) replay.Answer {
	return replay.Answer{Request: request, Body: sampled, Status: status}
}

func sampleTests() []sampleTest {
	const (
		retailFind = "GET /api/v5/loyalty/accounts?filter[customerExternalId]=12345&filter[sites][]=retailcrm-site&limit=20"
		moyFind    = "GET /api/remap/1.2/entity/counterparty?filter=externalCode=12345&limit=2"
		moyHistory = "GET /api/remap/1.2/entity/bonustransaction?filter=agent=https://moy/1&limit=1000&offset="
		mindbox    = "POST /v3/operations/sync?endpointId=mindbox-endpoint&operation=mindbox-operation"
		loymax     = "GET /systemapi/api/Users/7/History?filter.fromDate=2023-01-02&filter.count=100&filter.from=0"
		loymaxFind = "GET /systemapi/api/Users?phone=12345"
		onecFind   = "GET /odata/standard.odata/Catalog_ДисконтныеКарты?$format=json&$filter=КодКартыШтрихкод eq '12345'&$select=Ref_Key&$top=2"
		onec       = "GET /odata/standard.odata/AccumulationRegister_БонусныеБаллы_RecordType?$format=json&$filter=БонуснаяКарта_Key eq guid'1a'&$orderby=Period desc&$top=500&$skip=0"
		none       = "0 entries +0 -0"
		errorBody  = "fallback; reason=crm_error_body"
		refused    = "fallback; reason=crm_auth"
	)
	retail := gets(retailFind, `{"success":true,"loyaltyAccounts":[{"id":147}]}`)
	retailOperations := "GET /api/v5/loyalty/account/147/bonus/operations?limit=100&page=1"
	moy := gets(moyFind, `{"rows":[{"meta":{"href":"https://moy/1"}}]}`)
	login := gets("POST /authorizationservice/token", `{"access_token":"t","expires_in":3600}`)
	member := gets(loymaxFind, `{"data":[{"id":7}]}`)
	card := gets(onecFind, `{"value":[{"Ref_Key":"1a"}]}`)
	return []sampleTest{
		{preset: "retailcrm", sample: "retailcrm-bonus-operations.json", answers: []replay.Answer{retail, getsSample(retailOperations, 0)}, history: "live", told: "3 entries +562.9 -247"},
		// It is a list without a filter: the accounts of many, three of which have the same externalId.
		{preset: "retailcrm", sample: "retailcrm-accounts.json", answers: []replay.Answer{getsSample(retailFind, 0)}, history: errorBody, told: none},
		{preset: "retailcrm", sample: "retailcrm-error-key-wrong.json", answers: []replay.Answer{getsSample(retailFind, 403)}, history: refused, told: none},
		{preset: "retailcrm", sample: "retailcrm-error-key-missing.json", answers: []replay.Answer{getsSample(retailFind, 403)}, history: refused, told: none},
		{preset: "retailcrm", sample: "retailcrm-error-access-denied.json", answers: []replay.Answer{getsSample(retailFind, 400)}, history: errorBody, told: none},
		{preset: "retailcrm", sample: "retailcrm-error-account-does-not-exist.json", answers: []replay.Answer{retail, getsSample(retailOperations, 404)}, history: errorBody, told: none},
		{preset: "retailcrm", sample: "retailcrm-error-list.json", answers: []replay.Answer{getsSample(retailFind, 400)}, history: errorBody, told: none},
		{preset: "retailcrm", sample: "retailcrm-error-map.json", answers: []replay.Answer{getsSample(retailFind, 0)}, history: errorBody, told: none},
		{preset: "maxma", sample: "maxma-error.json", answers: []replay.Answer{getsSample("POST /get-bonus-history", 0)}, history: errorBody, told: none},
		{preset: "rees46", sample: "rees46-bonuses-history.json", answers: []replay.Answer{getsSample("GET /loyalty/bonuses/history?shop_id=rees46-shop-id&shop_secret=rees46-shop-secret&identifier=12345&limit=50&offset=0", 0)}, history: "live", told: "2 entries +1000 -300"},
		// It names four transactions and holds three.
		{
			preset: "moysklad", sample: "moysklad-bonustransaction-list.json", history: "live", told: "4 entries +1251 -100500",
			answers: []replay.Answer{moy, getsSample(moyHistory+"0", 0), gets(moyHistory+"3", `{"meta":{"size":4},"rows":[{"transactionType":"EARNING","bonusValue":1,"moment":"2018-01-01 00:00:00"}]}`)},
		},
		{preset: "moysklad", sample: "moysklad-error.json", answers: []replay.Answer{getsSample(moyFind, 400)}, history: errorBody, told: none},
		{
			preset: "mindbox-xml", sample: "mindbox-balance-history-response.xml", history: "live", told: "1 entries +150 -0",
			replaced: []string{
				"{Размер изменения баланса}", "150", "{Общее количество изменений баланса клиента}", "1", "{Дата совершения действия клиентом}", "2017-08-22T10:00:00Z",
				"{Дата сгорания баллов}", "2018-08-22 10:00:00.000", "{доступно ли изменение баланса для использования, true/false}", "true",
			},
			answers: []replay.Answer{getsSample(mindbox, 0)},
		},
		{preset: "loymax", sample: "loymax-token.json", answers: []replay.Answer{getsSample("POST /authorizationservice/token", 0), gets(loymaxFind, `{"data":[]}`)}, history: "live; reason=user_not_found", told: none},
		{preset: "loymax", sample: "loymax-token-error.json", answers: []replay.Answer{getsSample("POST /authorizationservice/token", 400)}, history: refused, told: none},
		{preset: "loymax", sample: "loymax-history.json", answers: []replay.Answer{login, member, getsSample(loymax, 0)}, history: "live", told: "2 entries +100 -12"},
		{preset: "loymax", sample: "loymax-history-empty.json", answers: []replay.Answer{login, member, getsSample(loymax, 0)}, history: "live; reason=no_transactions", told: none},
		{preset: "loymax", sample: "loymax-error-failed.json", answers: []replay.Answer{login, member, getsSample(loymax, 0)}, history: errorBody, told: none},
		{preset: "loymax", sample: "loymax-error-401.json", answers: []replay.Answer{login, getsSample(loymaxFind, 401), login, getsSample(loymaxFind, 401)}, history: refused, told: none},
		// The request that an integrator sends is ours.
		{
			preset: "setretail", sample: "setretail-getBonusAccountHistory-request.xml", history: "live; reason=no_transactions", told: none,
			replaced: []string{"{cardNumber}", "12345", "{startPeriod}", "2025-01-01T03:00:00", "{finishPeriod}", "2026-01-01T03:00:00"},
			answers:  []replay.Answer{{Request: "POST /SET-Cards-InternalCards/SET/Cards/InternalCards/ProcessingManager", Sent: sampled, Text: `<Envelope><Body><getBonusAccountHistoryResponse/></Body></Envelope>`}},
		},
		{preset: "1c-odata", sample: "onec-bonus-recordtype.json", answers: []replay.Answer{card, getsSample(onec, 0)}, history: "live", told: "1 entries +150 -40"},
		{preset: "1c-odata", sample: "onec-error.json", answers: []replay.Answer{card, getsSample(onec, 404)}, history: errorBody, told: none},
	}
}

// TestVendorsOwnSamples runs presets over what their vendors publish.
func TestVendorsOwnSamples(t *testing.T) {
	tests, folder := append(sampleTests(), foreignSampleTests()...), os.Getenv("BONUS_ADAPTER_SAMPLES")
	if folder == "" {
		t.Skipf("%d samples were not run: BONUS_ADAPTER_SAMPLES does not say where they are", len(tests))
	}
	presets := map[string]string{}
	for _, one := range allPresets(t) {
		presets[one.Name] = configOf(t, one)
	}
	for _, test := range tests {
		t.Run(test.preset+"/"+test.sample, func(t *testing.T) { test.run(t, presets[test.preset], os.DirFS(folder)) })
	}
}

func (s sampleTest) run(t *testing.T, yaml string, folder fs.FS) {
	t.Helper()
	content, err := fs.ReadFile(folder, s.sample)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer(s.replaced...).Replace(string(content))
	c := replay.Default()
	c.User, c.Answers = firstOf(s.user, "12345"), s.answers
	if err := c.Load(fstest.MapFS{sampled: {Data: []byte(text)}}); err != nil {
		t.Fatal(err)
	}
	file, err := parseConfig(s.preset, []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	got, err := play(file, &c)
	if err != nil {
		t.Fatal(err)
	}
	if told, _ := summary(t, string(got.body)); got.history != s.history || told != s.told || got.departed != nil {
		t.Errorf("%s, %s, want %s, %s; %+v\n%s", got.history, told, s.history, s.told, got.departed, got.body)
	}
}
