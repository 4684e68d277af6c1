package crmtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// List is a list of records, {"id":"1"} and so on, that is given page by page. Every answer tells in all ways at once
// where it goes on; a test reads the one that it is about: last, count, total, more, cursor, next (an address without a
// host), nextURL (a whole one) and the header Link.
type List struct {
	Records int
	Size    int // of a page, whatever is asked for; everything at once if zero
}

// ByNumber serves pages by their number, of which the first is 0 or 1.
func (l List) ByNumber(param string, first int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		l.page(w, r, (Asked(r, param, first)-first)*l.Size, first)
	}
}

// ByOffset serves pages by the number of records before them, counted from 0 or 1. Next pages' addresses are such.
func (l List) ByOffset(param string, first int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { l.page(w, r, Asked(r, param, first)-first, first) }
}

// ByCursor serves pages behind a cursor, c4 for the one behind four records, in the query or in a JSON body.
func (l List) ByCursor(param string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		cursor := r.URL.Query().Get(param)
		var body map[string]any
		if r.Method != http.MethodGet && json.NewDecoder(r.Body).Decode(&body) == nil {
			cursor, _ = body[param].(string)
		}
		offset, _ := strconv.Atoi(strings.TrimPrefix(cursor, "c"))
		l.page(w, r, offset, 1)
	}
}

// Asked gives a number in the query.
func Asked(r *http.Request, param string, otherwise int) int {
	if number, err := strconv.Atoi(r.URL.Query().Get(param)); err == nil {
		return number
	}
	return otherwise
}

// Items gives the records from an offset on, so many, as JSON.
func (l List) Items(offset, count int) string {
	items := []string{}
	for i := max(offset, 0); i < min(offset+count, l.Records); i++ {
		items = append(items, fmt.Sprintf(`{"id":"%d"}`, i+1))
	}
	return "[" + strings.Join(items, ",") + "]"
}

func (l List) page(w http.ResponseWriter, r *http.Request, offset, first int) {
	size := l.Size
	if size == 0 {
		size = l.Records
	}
	pages, more := (l.Records+size-1)/max(size, 1), offset+size < l.Records
	cursor, next, whole := "null", "null", "null"
	if more {
		query := url.Values{"offset": {strconv.Itoa(offset + size + first)}}.Encode()
		cursor = fmt.Sprintf("%q", "c"+strconv.Itoa(offset+size))
		next, whole = fmt.Sprintf("%q", "?"+query), fmt.Sprintf("%q", "http://"+r.Host+r.URL.Path+"?"+query)
		w.Header().Add("Link", `<https://other.example/a,b;c>; rel="prev first"; title="x, <y>; z"`)
		w.Header().Add("Link", `<?`+query+`&why=a,b;c>; title="next"; rel="last NEXT"`)
	}
	_, _ = fmt.Fprintf(w, `{"items":%s,"last":%d,"count":%d,"total":%d,"more":%v,"cursor":%s,"next":%s,"nextURL":%s}`,
		l.Items(offset, size), pages-1+first, pages, l.Records, more, cursor, next, whole)
}
