// Package console is the program for those who would rather look than read: a page of the admin port that explains an
// answer while its config is typed, proposes a config after a sample, and shows how the running adapter fares.
//
// The room holds the page (static/, plain files without a build step or anything from outside) and the door in front of
// what the page asks. It holds no engine: what explain, init and serve know is handed to it as plain functions, so that
// the console cannot say anything else than the commands do.
package console

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"time"
)

// Paths of the console on its port.
const (
	Path    = "/console/"
	APIPath = Path + "api/"
)

// Engine is what the console can do. Its results are written as JSON as they are; they hold no secret. An error's text is
// shown to the user, so it holds none either, and says what to do. All functions are safe for concurrent use.
type Engine struct {
	// Explain plays answers through a config: both are what somebody has typed, so nothing is resolved or asked.
	Explain func(context.Context, Question) (any, error)
	// Case gives the question as a zip with the folder of a case, as bonus-adapter test reads it.
	Case func(context.Context, Question) ([]byte, error)
	// Propose gives the config that init would write after samples.
	Propose func(context.Context, Sample) (any, error)
	// Presets lists the presets; Preset gives one of them with its config and recordings.
	Presets func() (any, error)
	Preset  func(name string) (any, error)
	// Ask asks the real CRM about a customer, by the config that serves; nil where the console was not permitted to.
	Ask func(ctx context.Context, customer string) (any, error)
	// Again is Ask about the customer of one of the last requests, by its number in the status; nil where Ask is.
	Again func(ctx context.Context, request uint64) (any, error)
	// Status tells how the adapter fares; nil if it cannot be told.
	Status func() any
}

// Question is a config with the answers that it is held against.
type Question struct {
	Config   string            `json:"config"`
	Customer string            `json:"customer"` // empty for any
	Now      time.Time         `json:"now"`      // the time that is taken for now; zero for the present
	Env      map[string]string `json:"env"`      // made-up values of references; others get placeholders
	Answers  []Answer          `json:"answers"`  // in the order in which the CRM is asked
}

// Answer is one answer of a CRM.
type Answer struct {
	Name    string            `json:"name"`
	Status  int               `json:"status"` // 200 if zero
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
	Fail    string            `json:"fail"` // or no answer at all: timeout, refused or reset
}

// Sample is a CRM's answers that a config is to be proposed for, with what was decided about them.
type Sample struct {
	Bodies  []string          `json:"bodies"`
	Choices map[string]string `json:"choices"` // by field: the path that it reads, empty for no such field
	Codes   map[string]string `json:"codes"`   // by code of a transaction: the group of mapping.kinds that it belongs to
}

// What a question may cost. All of it is typed text, and whoever types may be led astray.
const (
	maxConfig  = 256 << 10
	maxAnswers = 4 << 20
	maxBody    = 10 << 20         // as JSON, in which a text may be twice as long
	maxTime    = 10 * time.Second // for one question
	atOnce     = 2                // questions that are worked on
)

//go:embed static
var static embed.FS

// Pages gives the page itself, which holds no data and needs no key.
func Pages() http.Handler {
	files, err := fs.Sub(static, "static")
	if err != nil {
		panic(err) // the name is a constant
	}
	return hardened(http.StripPrefix(Path, http.FileServerFS(files)))
}
