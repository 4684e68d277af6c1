package replay_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"bonus-adapter/cmd/bonus-adapter/replay"
	"bonus-adapter/config"
)

// loaded makes a case of its answers.
func loaded(t *testing.T, files map[string]string, answers ...replay.Answer) *replay.Case {
	t.Helper()
	c := replay.Default()
	c.User, c.Answers = "1", answers
	folder := fstest.MapFS{}
	for name, text := range files {
		folder[name] = &fstest.MapFile{Data: []byte(text)}
	}
	if err := c.Load(folder); err != nil {
		t.Fatal(err)
	}
	return &c
}

func request(t *testing.T, method, url, contentType, body string) *http.Request {
	t.Helper()
	made, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	made.Header.Set("Content-Type", contentType)
	return made
}

// departure sends one request to a player of one answer, and tells what is different.
func departure(t *testing.T, c *replay.Case, r *http.Request) string {
	t.Helper()
	player := replay.NewPlayer(c, nil)
	response, err := player.RoundTrip(r)
	if err == nil {
		_ = response.Body.Close()
	}
	if departed := player.Departed(); departed != nil {
		return departed.Why
	}
	return ""
}

func TestRequestsAreComparedDecoded(t *testing.T) {
	const base = "https://crm.example.ru"
	for _, test := range []struct{ recorded, sent, why string }{
		{"GET /a?x=1&y=2", "/a?y=2&x=1", ""},
		{"GET /a?f[x][]=1&f[x][]=2", "/a?f%5Bx%5D%5B%5D=1&f%5Bx%5D%5B%5D=2", ""},
		{"GET /a?f=1&f=2", "/a?f=2&f=1", "query: f is 2, 1, recorded is 1, 2"},
		{"GET /a?from=2026-01-01T00:00:00+03:00", "/a?from=2026-01-01T00%3A00%3A00%2B03%3A00", ""},
		{"GET /a?text=two words", "/a?text=two+words", ""},
		{"GET /a?text=two words", "/a?text=two%20words", ""},
		{"GET /a?text=a%26b", "/a?text=a%26b", ""},
		{"GET /клиенты/7 7", "/%D0%BA%D0%BB%D0%B8%D0%B5%D0%BD%D1%82%D1%8B/7%207", ""},
		{"GET /a%2Fb", "/a%2Fb", ""},
		{"GET /a/b", "/a%2Fb", "the path is /a/b, recorded is /a/b"},
		{"GET https://crm.example.ru/a", "/a", ""},
		{"GET https://other.example.ru/a", "/a", "the host is https://crm.example.ru, recorded is https://other.example.ru"},
		{"POST /a", "/a", "the method is GET, recorded is POST"},
		{"GET /b", "/a", "the path is /a, recorded is /b"},
		{"GET /a?x=1", "/a", "query: x is recorded and not sent"},
		{"GET /a", "/a?x=1", "query: x is sent and not recorded"},
	} {
		c := loaded(t, nil, replay.Answer{Request: test.recorded})
		if why := departure(t, c, request(t, "GET", base+test.sent, "", "")); why != test.why {
			t.Errorf("%s, sent %s: %q, want %q", test.recorded, test.sent, why, test.why)
		}
	}
}

// TestWhatIsWrittenIsRead: a request as a recording writes it is the same request when it is read.
func TestWhatIsWrittenIsRead(t *testing.T) {
	for _, url := range []string{
		"https://x.ru/", "https://x.ru/a/b%2Fc/%25/%3F", "https://x.ru/a?x=1&y=%26%3D%23%25&z=a%2Bb+c", "https://x.ru/a?%5B%5D=%0A&e=&=v&n",
		"https://x.ru/a?b%3Dc=d", "https://x.ru/a?text=%D0%B1%D0%BE%D0%BD%D1%83%D1%81",
	} {
		any := replay.OfBodies("1", []string{""}, [][]byte{nil})
		player := replay.NewPlayer(&any, nil)
		response, err := player.RoundTrip(request(t, "GET", url, "", ""))
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		written := player.Sent()[0].Request
		if why := departure(t, loaded(t, nil, replay.Answer{Request: written}), request(t, "GET", url, "", "")); why != "" {
			t.Errorf("%s is written as %s: %s", url, written, why)
		}
	}
}

func TestBodiesAreComparedByWhatTheyMean(t *testing.T) {
	for _, test := range []struct{ kind, recorded, sent, why string }{
		{"application/json", `{"a":1,"b":[true,null]}`, "{\"b\": [true, null],\n\"a\": 1}", ""},
		{"application/json", `{"a":1}`, `{"a":1.0}`, "body: a is 1.0, recorded is 1"},
		{"application/json", `{"a":{"b":"x"}}`, `{"a":{"b":"y"}}`, `body: a.b is "y", recorded is "x"`},
		{"application/json", `{"a":1}`, `{"a":1,"c":2}`, "body: c is 2, recorded is nothing"},
		{"application/json", `{}`, `x`, "the body that is sent is not JSON"},
		{"application/x-www-form-urlencoded", "b=2&a=x y", "a=x+y&b=2", ""},
		{"application/x-www-form-urlencoded", "a=1", "a=2", "form: a is 2, recorded is 1"},
		{"text/xml", "<a xmlns:n='u' y='2' x='1'><n:b> t </n:b></a>", `<?xml version="1.0"?><a x="1" y="2"><b>t</b></a>`, ""},
		{"text/xml", "<a>1</a>", "<a>2</a>", "the XML that is sent is <a>2</a>, recorded is <a>1</a>"},
		{"text/plain", "x\n", "x", ""},
		{"text/plain", "x", "y", "the body that is sent is y, recorded is x"},
	} {
		c := loaded(t, map[string]string{"sent": test.recorded}, replay.Answer{Request: "POST /a", Sent: "sent"})
		if why := departure(t, c, request(t, "POST", "https://x.ru/a", test.kind, test.sent)); why != test.why {
			t.Errorf("%s, sent %s: %q, want %q", test.recorded, test.sent, why, test.why)
		}
	}
}

func TestAnswersComeInTheirOrder(t *testing.T) {
	c := loaded(t, map[string]string{"one.json": "{}"},
		replay.Answer{Request: "GET /1", Body: "one.json"},
		replay.Answer{Request: "GET /2", Status: 404, Headers: map[string]string{"Content-Type": "text/html"}, Text: "no"},
		replay.Answer{Request: "GET /3", Fail: "timeout"})
	player := replay.NewPlayer(c, nil)
	for i, want := range []string{"200 application/json {}", "404 text/html no", ""} {
		response, err := player.RoundTrip(request(t, "GET", "https://x.ru/"+string(rune('1'+i)), "", ""))
		if err != nil {
			if want != "" {
				t.Fatal(err)
			}
			continue
		}
		body, _ := io.ReadAll(response.Body)
		if got := response.Status[:3] + " " + response.Header.Get("Content-Type") + " " + string(body); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if departed := player.Departed(); departed != nil {
		t.Errorf("%+v", departed)
	}
	if _, err := player.RoundTrip(request(t, "GET", "https://x.ru/4", "", "")); err == nil || player.Departed().Answer != 3 {
		t.Errorf("a request too many: %v %+v", err, player.Departed())
	}
	left := replay.NewPlayer(c, nil).Departed()
	if left == nil || left.Why != "3 of 3 answers were not asked for" {
		t.Errorf("%+v", left)
	}
}

func TestWhatIsWrongWithACaseIsToldAtOnce(t *testing.T) {
	c := replay.Default()
	c.Answers = []replay.Answer{
		{Request: "/a", Body: "none.json"},
		{Request: "GET a"},
		{Request: "GET /a", Text: "x", Fail: "timeout"},
		{Request: "GET /a", Fail: "never", Status: 1000, Sent: "../outside"},
	}
	var places []string
	for _, problem := range config.All(c.Load(fstest.MapFS{})) {
		places = append(places, problem.Place)
	}
	want := "user answers[0].request answers[0].body answers[1].request answers[2] answers[3].fail answers[3].status answers[3].sent"
	if got := strings.Join(places, " "); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestPlaceholders(t *testing.T) {
	c := replay.Case{Env: map[string]string{"SITE": "shop"}}
	for reference, want := range map[[2]string]string{
		{"env", "SITE"}: "shop", {"env", "CRM_TOKEN"}: "crm-token", {"env", "_"}: "value", {"env", "CRM_URL"}: "https://crm-url.invalid",
		{"env", "HOURLY"}: "hourly", {"file", "/run/secrets/crm_key"}: "crm-key",
	} {
		if got, err := c.Lookup(reference[0], reference[1]); got != want || err != nil {
			t.Errorf("%v: %s %v, want %s", reference, got, err, want)
		}
	}
}

func TestCompare(t *testing.T) {
	const a, b, c = `{"added":1,"expired":0}`, `{"added":2,"expired":0}`, `{"added":3,"expired":0}`
	list := func(entries ...string) string { return `{"bonuses":[` + strings.Join(entries, ",") + `]}` }
	for _, test := range []struct {
		got, want string
		told      string
	}{
		{list(a, b), list(a, b), ""},
		{list(a, b, c), list(a, c), "entry 2 is not expected: " + b},
		{list(a, c), list(a, b, c), "an entry is missing: " + b},
		{list(a, `{"added":2.0,"expired":0}`, c), list(a, b, c), "entry 2, added: it is 2.0, expected is 2"},
		{list(b, a), list(a, b), "entry 1 is not expected: " + b + "; an entry is missing: " + b},
		{list(), list(a), "an entry is missing: " + a},
		{list(`{"added":1,"expired":0,"x":null}`), list(a), "entry 1, x: it is null, expected is nothing"},
		{`{"bonuses":[],"error":{"message":"x"}}`, list(), `error is {"message":"x"}, and is not expected`},
		{`{"bonuses":[],"error":{"message":"x"}}`, `{"bonuses":[],"error":{"message":"y"}}`, `error.message is "x", expected is "y"`},
	} {
		differences, err := replay.Compare([]byte(test.got), []byte(test.want))
		var told []string
		for _, d := range differences {
			told = append(told, d.String())
		}
		if got := strings.Join(told, "; "); got != test.told || err != nil {
			t.Errorf("%s\nagainst %s:\n%s %v\nwant %s", test.got, test.want, got, err, test.told)
		}
	}
	for _, broken := range []string{"", "[]", "{}{}", "{"} {
		if _, err := replay.Compare([]byte(list()), []byte(broken)); err == nil || !strings.HasPrefix(err.Error(), replay.IRPFile) {
			t.Errorf("%q: %v", broken, err)
		}
	}
}

func TestPrettyChangesNothing(t *testing.T) {
	for _, body := range []string{`{"bonuses":[]}`, `{"bonuses":[{"a":"},{"},{"b":1.50}]}`, `{"bonuses":[],"error":{"message":"x"}}`, `x`} {
		pretty := replay.Pretty([]byte(body))
		if differences, err := replay.Compare(pretty, []byte(body)); len(differences) > 0 || err != nil && body != "x" {
			t.Errorf("%s: %v %v", pretty, differences, err)
		}
	}
	if got := string(replay.Pretty([]byte(`{"bonuses":[{"a":1},{"b":2}]}`))); got != "{\"bonuses\":[\n{\"a\":1},\n{\"b\":2}\n]}\n" {
		t.Error(got)
	}
}

// FuzzCompare: whatever is compared, nothing panics, and what is the same has no difference.
func FuzzCompare(f *testing.F) {
	f.Add([]byte(`{"bonuses":[{"added":1}]}`), []byte(`{"bonuses":[{"added":2},{}]}`))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		_, _ = replay.Compare(a, b)
		if differences, err := replay.Compare(a, a); err == nil && len(differences) > 0 {
			t.Errorf("%q differs from itself: %v", a, differences)
		}
	})
}
