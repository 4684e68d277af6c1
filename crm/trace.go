package crm

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"

	"bonus-adapter/document"
)

// Trace is told what happens while a history is read, for commands that explain or record it. Serving sets none. Its
// functions are called by as many goroutines at once as there are requests under way; one that is nil is not called.
//
// What it is told holds the customer's id and the config's secrets, in every place of a request and an answer: it is for
// whoever masks them.
type Trace struct {
	Exchange func(Exchange) // after each attempt of a request
	Step     func(StepDone) // after each step, in their order
	Token    func(string)   // each value that a login gave, whenever a request is made with it
}

// Exchange is one attempt: the request as it was sent, and the answer as it was read and judged.
type Exchange struct {
	Step  string // the step's name; login for a login
	Place string // of the step in the section crm: steps[0], auth.login, auth.oauth2
	Page  int    // from 1

	Method, URL string
	Header      http.Header // of the request
	Body        []byte      // of the request

	Status       int         // 0 if there was no answer
	AnswerHeader http.Header // nil if there was no answer
	Answer       []byte      // decompressed; nil if it was not read to its end
	Took         time.Duration

	Asked   []Asked // the conditions that were asked of the answer, in their order
	Decided string  // the place in the section crm that decided what the answer means; empty: its status
	Empty   bool    // it stands for no transactions
	Failed  *Error  // what it means; nil if it may be read
}

// Asked is a condition that was asked of an answer.
type Asked struct {
	Place string // in the section crm
	Text  string
	Held  bool
	Err   error // why it could not be asked
}

// StepDone is what a step came to.
type StepDone struct {
	Name    string
	Place   string // in the section crm
	Left    bool   // its condition when did not hold: it was not asked
	Kept    []Kept
	Records int
	Failed  *Error
	Goes    bool // the history goes on all the same
}

// Kept is what a step keeps of its answer.
type Kept struct {
	Name  string
	Place string // in the section crm
	Text  string // of a single value
	There bool   // the single value was there
	Rows  int    // of a list; -1 of a single value
}

type traceKey struct{}

// WithTrace gives a context whose histories are told to t.
func WithTrace(ctx context.Context, t *Trace) context.Context {
	return context.WithValue(ctx, traceKey{}, t)
}

// traceOf gives the context's Trace, or nil.
func traceOf(ctx context.Context) *Trace {
	t, _ := ctx.Value(traceKey{}).(*Trace)
	return t
}

// tokens tells the values of a login.
func (t *Trace) tokens(given *token) {
	if t == nil || t.Token == nil {
		return
	}
	for _, value := range given.values {
		t.Token(value.text)
	}
}

// witness follows one attempt for a Trace. A nil witness, of a request that nobody traces, sees nothing.
type witness struct {
	tell   func(Exchange)
	begun  time.Time
	coming bytes.Buffer
	Exchange
}

func newWitness(ctx context.Context, req *request) *witness {
	t := traceOf(ctx)
	if t == nil || t.Exchange == nil {
		return nil
	}
	w := &witness{tell: t.Exchange, begun: time.Now()}
	w.Step, w.Place, w.Page = req.step, req.place, req.page
	w.Method, w.URL, w.Body, w.Header = req.method, req.address(), req.body, http.Header{}
	for name, value := range req.headers {
		w.Header.Set(name, value)
	}
	return w
}

// witnessOf follows a request of the OAuth 2.0 library.
func witnessOf(r *http.Request) *witness {
	w := newWitness(r.Context(), &request{step: loginStep, place: oauth2Place, page: 1, method: r.Method, base: r.URL.String()})
	if w == nil {
		return nil
	}
	w.Header = r.Header.Clone()
	if r.GetBody != nil {
		if body, err := r.GetBody(); err == nil {
			w.Body, _ = io.ReadAll(body) // it is in memory
		}
	}
	return w
}

// answered notes the answer's head.
func (w *witness) answered(status int, header http.Header) {
	if w != nil {
		w.Status, w.AnswerHeader = status, header
	}
}

// read notes the answer's body.
func (w *witness) read(body []byte) {
	if w != nil {
		w.Answer = body
	}
}

// reading gives the body on its way, and notes what comes.
func (w *witness) reading(body io.Reader) io.Reader {
	if w == nil {
		return body
	}
	return io.TeeReader(body, &w.coming)
}

// wasRead notes that the body has come whole.
func (w *witness) wasRead() {
	if w == nil {
		return
	}
	if w.Answer = w.coming.Bytes(); w.Answer == nil {
		w.Answer = []byte{} // an empty one is one
	}
}

// asked notes a condition.
func (w *witness) asked(c clause, held bool, err error) {
	if w != nil {
		w.Asked = append(w.Asked, Asked{c.place, c.when.String(), held, err})
	}
}

// judged tells what it has come to.
func (w *witness) judged(got *answer, failed *Error) {
	if w == nil {
		return
	}
	w.Took = time.Since(w.begun)
	if failed != nil {
		copied := *failed // it is written into on its way
		w.Failed, w.Decided = &copied, failed.Place
	} else {
		w.Decided, w.Empty = got.decided, got.empty
	}
	w.tell(w.Exchange)
}

// traceStep tells what a step has come to.
func (r *run) traceStep(ctx context.Context, step *step, before int, failed *Error) {
	t := traceOf(ctx)
	if t == nil || t.Step == nil {
		return
	}
	done := StepDone{Name: step.name, Place: step.place, Left: r.left, Records: len(r.history.Records) - before}
	if failed != nil {
		copied := *failed
		done.Failed, done.Goes = &copied, step.optional && (failed.Kind == NoSuchCustomer || failed.partial())
	}
	for i := 0; i < len(step.keeps) && !r.left; i++ {
		done.Kept = append(done.Kept, r.kept(&step.keeps[i]))
	}
	t.Step(done)
}

func (r *run) kept(k *kept) Kept {
	told := Kept{Name: k.name, Place: k.place, Rows: -1}
	if k.many() {
		told.Rows = len(r.lists[k.index])
		return told
	}
	value := r.values.data[k.index]
	told.Text, told.There = value.String(), value.Type != document.TypeNone
	return told
}
