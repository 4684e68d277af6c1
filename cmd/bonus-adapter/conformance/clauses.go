package conformance

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// clauses are what IRP asks for, in the order in which they are judged: what later ones need comes first.
func clauses() []clause {
	return []clause{
		{"C01", "HTTPS with a valid certificate", judgeTLS},
		{"C02", "a history for a known customer: 200, and a JSON object with the list bonuses", judgeHistory},
		{"C03", "the fields of every entry have their types", judgeFields},
		{"C04", "dates are milliseconds since 1970 in a text, or null", judgeDates},
		{"C05", "the newest entry comes first", judgeOrder},
		{"C06", "the key is taken from Authorization: Bearer", judgeBearer},
		{"C07", "the key is taken from the header key", judgeKeyHeader},
		{"C08", "the key is taken from the field key of the body", judgeKeyField},
		{"C09", "a wrong key gets no history", judgeWrongKey},
		{"C10", "no key gets no history", judgeNoKey},
		{"C11", "an unknown customer has an empty history", judgeUnknown},
		{"C12", "fields that are not known are ignored", judgeMoreFields},
		{"C13", "a customer's id may be an integer literal", judgeInteger},
		{"C14", "the Content-Type of the request does not matter", judgeContentType},
		{"C15", "a request that cannot be read is refused, with an answer that is JSON", judgeBadRequests},
		{"C16", "only POST is answered", judgeMethod},
		{"C17", "the same question has the same answer", judgeRepetition},
		{"C18", "customers are not mixed up when many ask at once", judgeConcurrency},
		{"C19", "answers are there in time", judgeLatency},
		{"C20", "answers are not kept by caches on the way", judgeCaching},
	}
}

func judgeTLS(ctx context.Context, j *judgement) (verdict, detail string) {
	address, err := url.Parse(j.target.URL)
	if err != nil || address.Host == "" {
		return Fail, "the URL cannot be read"
	}
	if address.Scheme != "https" {
		if ip := net.ParseIP(address.Hostname()); address.Hostname() == "localhost" || ip != nil && ip.IsLoopback() {
			return Note, "plain HTTP on this machine: Imshop will want https://"
		}
		return Fail, "Imshop asks https:// URLs only"
	}
	got, err := j.send(ctx, j.bearer(j.target.Unknown))
	if err != nil {
		return Fail, err.Error()
	}
	if got.status >= 300 && got.status < 400 {
		return Fail, "it is a redirect: give the URL that it leads to"
	}
	return Pass, ""
}

func judgeHistory(ctx context.Context, j *judgement) (verdict, detail string) {
	got, why := j.history(ctx, j.bearer(j.target.User))
	if why != "" {
		return Fail, why
	}
	j.report.Entries = len(got.entries)
	if len(got.entries) == 0 {
		return Note, "the history is empty: name a customer who has one, or little can be judged"
	}
	return Pass, fmt.Sprintf("%d entries", len(got.entries))
}

// ofEntries judges every entry of the history.
func ofEntries(ctx context.Context, j *judgement, wrong func(entry) string) (verdict, detail string) {
	got, why := j.history(ctx, j.bearer(j.target.User))
	switch {
	case why != "":
		return Fail, why
	case len(got.entries) == 0:
		return Note, "not judged: the history is empty"
	}
	for i, one := range got.entries {
		if why := wrong(one); why != "" {
			return Fail, fmt.Sprintf("entry %d: %s", i+1, why)
		}
	}
	return Pass, ""
}

func judgeFields(ctx context.Context, j *judgement) (verdict, detail string) {
	return ofEntries(ctx, j, entry.wrongFields)
}

func judgeDates(ctx context.Context, j *judgement) (verdict, detail string) {
	return ofEntries(ctx, j, entry.wrongDates)
}

func judgeOrder(ctx context.Context, j *judgement) (verdict, detail string) {
	got, why := j.history(ctx, j.bearer(j.target.User))
	if why != "" {
		return Fail, why
	}
	for i := 1; i < len(got.entries); i++ {
		if before, after := got.entries[i-1].activation(), got.entries[i].activation(); before != 0 && after > before {
			return Note, fmt.Sprintf("entry %d is newer than the one before it", i+1)
		}
	}
	if len(got.entries) < 2 {
		return Note, "not judged: there are fewer than two entries"
	}
	return Pass, ""
}

func judgeBearer(ctx context.Context, j *judgement) (verdict, detail string) {
	return j.accepts(ctx, j.bearer(j.target.User))
}

func judgeKeyHeader(ctx context.Context, j *judgement) (verdict, detail string) {
	return j.accepts(ctx, ask{body: bodyFor(j.target.User), headers: map[string]string{"key": j.target.Key}})
}

func judgeKeyField(ctx context.Context, j *judgement) (verdict, detail string) {
	return j.accepts(ctx, ask{body: bodyWith(map[string]any{"userIdentifier": j.target.User, "key": j.target.Key})})
}

// accepts asks for the same history in another way.
func (j *judgement) accepts(ctx context.Context, request ask) (verdict, detail string) {
	got, why := j.history(ctx, request)
	if why != "" {
		return Fail, why
	}
	if len(got.entries) != j.report.Entries {
		return Fail, fmt.Sprintf("the history has %d entries, and %d when it is asked for with a Bearer key", len(got.entries), j.report.Entries)
	}
	return Pass, ""
}

func judgeWrongKey(ctx context.Context, j *judgement) (verdict, detail string) {
	return j.refuses(ctx, ask{body: bodyFor(j.target.User), headers: map[string]string{"Authorization": "Bearer not-" + j.target.Key}})
}

func judgeNoKey(ctx context.Context, j *judgement) (verdict, detail string) {
	return j.refuses(ctx, ask{body: bodyFor(j.target.User)})
}

// refuses sends what must not be answered with anybody's history.
func (j *judgement) refuses(ctx context.Context, request ask) (verdict, detail string) {
	got, err := j.send(ctx, request)
	if err != nil {
		return Fail, err.Error()
	}
	if read, why := readHistory(got.body); why == "" && len(read.entries) > 0 {
		return Fail, "anybody can read the customer's history"
	}
	if got.status != http.StatusUnauthorized {
		return Note, fmt.Sprintf("the status is %d; 401 says what is wrong", got.status)
	}
	return Pass, ""
}

func judgeUnknown(ctx context.Context, j *judgement) (verdict, detail string) {
	got, why := j.history(ctx, j.bearer(j.target.Unknown))
	if why != "" {
		return Fail, why
	}
	if len(got.entries) > 0 {
		return Fail, "an id that no customer has gets somebody's history"
	}
	return Pass, ""
}

func judgeMoreFields(ctx context.Context, j *judgement) (verdict, detail string) {
	request := j.bearer(j.target.User)
	request.body = bodyWith(map[string]any{"userIdentifier": j.target.User, "installId": "a1", "context": map[string]any{"page": 1}})
	return j.accepts(ctx, request)
}

func judgeInteger(ctx context.Context, j *judgement) (verdict, detail string) {
	if strings.Trim(j.target.User, "0123456789") != "" || strings.HasPrefix(j.target.User, "0") {
		return Note, "not judged: the customer's id is no number"
	}
	request := j.bearer(j.target.User)
	request.body = `{"userIdentifier":` + j.target.User + `}`
	return j.accepts(ctx, request)
}

func judgeContentType(ctx context.Context, j *judgement) (verdict, detail string) {
	request := j.bearer(j.target.User)
	request.headers["Content-Type"] = "text/plain; charset=utf-8"
	return j.accepts(ctx, request)
}

// badBodies are requests that say nobody's id.
func badBodies() []string {
	return []string{``, `{`, `[]`, `null`, `"12345"`, `{}`, `{"userIdentifier":null}`, `{"userIdentifier":{}}`, `{"userIdentifier":""}`, `{"userIdentifier":true}`}
}

func judgeBadRequests(ctx context.Context, j *judgement) (verdict, detail string) {
	unclear := ""
	for _, body := range badBodies() {
		request := j.bearer("")
		request.body = body
		got, err := j.send(ctx, request)
		if err != nil {
			return Fail, fmt.Sprintf("%s: %v", body, err)
		}
		read, why := readHistory(got.body)
		switch {
		case got.status >= http.StatusInternalServerError:
			return Fail, fmt.Sprintf("%s: the status is %d: the request is wrong, not the server", body, got.status)
		case why != "":
			return Fail, fmt.Sprintf("%s: %s", body, why)
		case len(read.entries) > 0:
			return Fail, fmt.Sprintf("%s is answered with somebody's history", body)
		case got.status == http.StatusOK:
			unclear = fmt.Sprintf("%s is answered with 200; 400 says what is wrong", body)
		}
	}
	if unclear != "" {
		return Note, unclear
	}
	return Pass, ""
}

func judgeMethod(ctx context.Context, j *judgement) (verdict, detail string) {
	request := j.bearer(j.target.User)
	request.method = http.MethodGet
	got, err := j.send(ctx, request)
	if err != nil {
		return Fail, err.Error()
	}
	if got.status < http.StatusBadRequest {
		return Note, fmt.Sprintf("GET is answered with %d; 405 keeps browsers and crawlers out", got.status)
	}
	return Pass, ""
}

func judgeRepetition(ctx context.Context, j *judgement) (verdict, detail string) {
	first, why := j.history(ctx, j.bearer(j.target.User))
	if why != "" {
		return Fail, why
	}
	second, why := j.history(ctx, j.bearer(j.target.User))
	if why != "" {
		return Fail, why
	}
	if !bytes.Equal(first.raw, second.raw) {
		return Fail, "two answers in a row are different"
	}
	return Pass, ""
}

// atOnce is how many requests are sent at the same time.
const atOnce = 16

func judgeConcurrency(ctx context.Context, j *judgement) (verdict, detail string) {
	alone, why := j.history(ctx, j.bearer(j.target.User))
	if why != "" {
		return Fail, why
	}
	wrong := make([]string, atOnce)
	var group sync.WaitGroup
	for i := range atOnce {
		group.Go(func() { wrong[i] = j.together(ctx, alone, i%2 == 0) })
	}
	group.Wait()
	for _, why := range wrong {
		if why != "" {
			return Fail, why
		}
	}
	return Pass, fmt.Sprintf("%d at once", atOnce)
}

// together asks for the known or the unknown customer among many others. It is called concurrently.
func (j *judgement) together(ctx context.Context, alone *history, known bool) string {
	user := j.target.User
	if !known {
		user = j.target.Unknown
	}
	got, err := j.send(ctx, j.bearer(user))
	if err != nil {
		return err.Error()
	}
	if got.status != http.StatusOK {
		return fmt.Sprintf("the status is %d when %d ask at once", got.status, atOnce)
	}
	read, why := readHistory(got.body)
	switch {
	case why != "":
		return why
	case !known && len(read.entries) > 0:
		return "an id that no customer has gets somebody's history when many ask at once"
	case known && !bytes.Equal(read.raw, alone.raw):
		return "the answer is another one when many ask at once"
	}
	return ""
}

func judgeLatency(ctx context.Context, j *judgement) (verdict, detail string) {
	const often = 5
	var all time.Duration
	for range often {
		got, err := j.send(ctx, j.bearer(j.target.User))
		if err != nil {
			return Fail, err.Error()
		}
		all += got.took
		j.slowest = max(j.slowest, got.took)
	}
	shown := fmt.Sprintf("%s on average, %s at most", (all / often).Round(time.Millisecond), j.slowest.Round(time.Millisecond))
	if j.slowest > j.target.Within {
		return Fail, shown + fmt.Sprintf("; %s are allowed", j.target.Within)
	}
	return Pass, shown
}

func judgeCaching(ctx context.Context, j *judgement) (verdict, detail string) {
	got, err := j.send(ctx, j.bearer(j.target.User))
	if err != nil {
		return Fail, err.Error()
	}
	if !strings.Contains(got.header.Get("Cache-Control"), "no-store") {
		return Note, "Cache-Control: no-store keeps histories out of proxies"
	}
	return Pass, ""
}

func bodyFor(user string) string { return bodyWith(map[string]any{"userIdentifier": user}) }

func bodyWith(members map[string]any) string {
	body, _ := json.Marshal(members) // texts and numbers always encode
	return string(body)
}

// plain says what keeps an answer away, without the URL that net/http repeats.
func plain(err error) string {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verification *tls.CertificateVerificationError
	var wrapped *url.Error
	switch {
	case errors.As(err, &unknown):
		return "the certificate is of an authority that is not trusted"
	case errors.As(err, &name):
		return "the certificate is for another name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the certificate has expired, or is not valid yet"
	case errors.As(err, &verification):
		return "the certificate is not valid: " + verification.Err.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return "there is no answer in twice the time that is allowed"
	case errors.As(err, &wrapped):
		return wrapped.Err.Error()
	}
	return err.Error()
}
