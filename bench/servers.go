package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const key = "bench-key"

// serve answers on a port of its own, which it prints, until ctx ends.
func serve(ctx context.Context, handler http.Handler) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// newCRM gives a history of N records at /N/DELAY/…, after a delay.
func newCRM() http.Handler {
	var mu sync.Mutex
	histories := map[string][]byte{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		parts := strings.SplitN(r.URL.Path, "/", 4)
		if len(parts) < 4 {
			http.NotFound(w, r)
			return
		}
		mu.Lock()
		body, made := histories[parts[1]]
		if !made {
			n, _ := strconv.Atoi(parts[1])
			body = history(n)
			histories[parts[1]] = body
		}
		mu.Unlock()
		if delay, _ := time.ParseDuration(parts[2]); delay > 0 {
			time.Sleep(delay)
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	})
}

// history is an answer as CRMs give them: records of twelve members, of which five are read.
func history(records int) []byte {
	var text bytes.Buffer
	text.WriteString(`{"ok":true,"data":{"items":[`)
	kinds := []string{"ACCRUAL", "SPEND", "ACCRUAL", "EXPIRE"}
	day := time.Date(2026, 8, 1, 10, 0, 0, 0, time.FixedZone("", 3*60*60))
	for i := range records {
		if i > 0 {
			text.WriteByte(',')
		}
		created := day.Add(-time.Duration(i) * 17 * time.Minute)
		fmt.Fprintf(&text, `{"id":%d,"type":%q,"amount":%d.5,"createdAt":%q,"expiresAt":%q,"comment":"Покупка в магазине на Ленина, чек %d",`+
			`"order":{"id":%d,"number":"A-%d"},"shop":"Shop on the corner","cashier":"cashier 12","status":"DONE","balance":%d,"tags":["a","b"]}`,
			1000000+i, kinds[i%len(kinds)], i%500+1, created.Format(time.RFC3339), created.AddDate(1, 0, 0).Format(time.RFC3339), 70000+i, 500000+i, 500000+i, i*3)
	}
	text.WriteString(`]},"meta":{"totalPages":1}}`)
	return text.Bytes()
}

// newTransport keeps as many connections as there are requests.
func newTransport() *http.Transport {
	return &http.Transport{MaxIdleConns: 64, MaxIdleConnsPerHost: 64, IdleConnTimeout: 30 * time.Second, DisableCompression: true}
}

// floor is this job and no other, as one would write it by hand: no config, no breaker, no log.
type floor struct {
	crm    string
	client *http.Client
}

func newFloor(crm string) http.Handler {
	return &floor{crm, &http.Client{Transport: newTransport(), Timeout: 60 * time.Second}}
}

type entry struct {
	Added             json.Number `json:"added"`
	Expired           json.Number `json:"expired"`
	DefinitionMessage string      `json:"definitionMessage"`
	ActivationDate    string      `json:"activationDate"`
	ExpirationDate    *string     `json:"expirationDate"`
}

type transaction struct {
	Type      string      `json:"type"`
	Amount    json.Number `json:"amount"`
	CreatedAt string      `json:"createdAt"`
	ExpiresAt string      `json:"expiresAt"`
	Comment   string      `json:"comment"`
}

func (f *floor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+key {
		http.Error(w, "unauthorized", http.StatusUnauthorized)
		return
	}
	var request struct {
		UserIdentifier string `json:"userIdentifier"`
	}
	if err := json.NewDecoder(io.LimitReader(r.Body, 64<<10)).Decode(&request); err != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	bonuses, err := f.bonuses(r.Context(), request.UserIdentifier)
	if err != nil {
		bonuses = []entry{}
	}
	body, _ := json.Marshal(map[string]any{"bonuses": bonuses})
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

func (f *floor) bonuses(ctx context.Context, user string) ([]entry, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, f.crm+"/customers/"+url.PathEscape(user)+"/transactions?limit=100&page=1", nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer token")
	response, err := f.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	var history struct {
		Data struct {
			Items []transaction `json:"items"`
		} `json:"data"`
	}
	if err := json.Unmarshal(raw, &history); err != nil {
		return nil, err
	}
	return entries(history.Data.Items)
}

func entries(items []transaction) ([]entry, error) {
	made, times := make([]entry, len(items)), make([]time.Time, len(items))
	order := make([]int, len(items))
	for i, item := range items {
		created, err := time.Parse(time.RFC3339, item.CreatedAt)
		if err != nil {
			return nil, err
		}
		expires, err := time.Parse(time.RFC3339, item.ExpiresAt)
		if err != nil {
			return nil, err
		}
		until := strconv.FormatInt(expires.UnixMilli(), 10)
		made[i] = entry{"0", "0", item.Comment, strconv.FormatInt(created.UnixMilli(), 10), &until}
		if item.Type == "ACCRUAL" {
			made[i].Added = item.Amount
		} else {
			made[i].Expired = item.Amount
		}
		times[i], order[i] = created, i
	}
	slices.SortStableFunc(order, func(a, b int) int { return times[b].Compare(times[a]) })
	sorted := make([]entry, len(made))
	for i, from := range order {
		sorted[i] = made[from]
	}
	return sorted, nil
}

// newProxy passes the CRM's bytes on.
func newProxy(crm string) http.Handler {
	target, err := url.Parse(crm)
	if err != nil {
		return http.NotFoundHandler()
	}
	return &httputil.ReverseProxy{Transport: newTransport(), Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Method, r.Out.Body, r.Out.ContentLength = http.MethodGet, nil, 0
	}}
}
