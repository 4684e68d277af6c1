package bonusadapter

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// These tests guard the walls of the house: who may import whom, what stays pure, how long a function gets. Each rule
// is a table; a change of the house is a change of a row, seen in review.

const (
	module    = "bonus-adapter"
	root      = "." // the room of embed.go
	command   = "cmd/bonus-adapter"
	echo      = "github.com/labstack/echo/v4"
	resty     = "github.com/go-resty/resty/v2"
	gobreaker = "github.com/sony/gobreaker/v2"
	expr      = "github.com/expr-lang/expr"
	yaml      = "go.yaml.in/yaml/v4"
	zap       = "go.uber.org/zap"
	redis     = "github.com/redis/go-redis/v9"
	prom      = "github.com/prometheus/client_golang"
)

// arrows says which rooms a room may import, tests aside. A room that is not here may not exist. crm/crmtest and
// store/storetest are in no other row: they must not end up in the binary.
var arrows = map[string][]string{
	command:                  {root, "adapter", command + "/conformance", command + "/console", command + "/demo", command + "/infer", command + "/metrics", command + "/tracing", command + "/watch", command + "/redact", command + "/replay", "config", "crm", "document", "mapping", "store"},
	command + "/conformance": {},
	command + "/console":     {},
	command + "/demo":        {},
	command + "/infer":       {"document", "mapping"},
	command + "/metrics":     {"adapter", "crm"},
	command + "/tracing":     {"adapter", "crm"},
	command + "/watch":       {"adapter", "crm"},
	command + "/redact":      {},
	command + "/replay":      {"config"},
	"adapter":                {"config", "crm", "mapping", "store"},
	"crm":                    {"config", "document", "store"},
	"crm/crmtest":            {},
	"mapping":                {"config", "document"},
	"document":               {"document/syntax"},
	"document/syntax":        {},
	"store":                  {"config"},
	"store/storetest":        {"store"},
	"config":                 {},
	root:                     {},
}

// guests says in which rooms a library may be imported: replacing it then touches those rooms only.
var guests = map[string][]string{
	echo:                         {"adapter"},
	resty:                        {"crm"},
	gobreaker:                    {"crm"},
	expr:                         {"document/syntax"}, // its lexer alone: the rest keeps every method of every library in the binary
	yaml:                         {command},
	zap:                          {"adapter", command},
	redis:                        {"store"},
	prom:                         {command + "/metrics"},
	"go.opentelemetry.io":        {command + "/tracing"},
	"google.golang.org/protobuf": {command + "/tracing"}, // OTLP is written in it
	"golang.org/x/crypto":        {"adapter"},            // certificates by ACME
	"golang.org/x/net":           {"adapter", "crm"},     // netutil: connections at once; httpguts: what a header may carry
	"golang.org/x/oauth2":        {"crm"},
	"golang.org/x/text":          {"document"},    // charsets other than UTF-8
	"go.uber.org/goleak":         {"crm/crmtest"}, // which no binary holds
}

// The pure rooms: the same answer gives the same entries, today and tomorrow, here and there.
var (
	pureRooms = []string{"document", "document/syntax", "mapping"}
	impure    = []string{"os", "net", "log", "io/fs", "math/rand", "syscall"} // with the packages below them
	clock     = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer", "Local"}
)

const (
	medianFunction  = 10 // lines, from the opening line to the closing one
	longestFunction = 60
	usualFile       = 300 // a longer one is mentioned
	longestFile     = 400 // a longer one fails
)

func TestOwnImportsFollowTheDrawing(t *testing.T) {
	for _, room := range rooms(t) {
		allowed, known := arrows[room.Name()]
		if !known {
			t.Errorf("room %s is not in the table of arrows", room.Name())
		}
		for _, target := range room.Own() {
			if !slices.Contains(allowed, target) {
				t.Errorf("%s imports %s: no such arrow in the house", room.Name(), target)
			}
		}
	}
}

func TestDrawingInContributingIsTrue(t *testing.T) {
	text, err := os.ReadFile("CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	want := drawing(rooms(t))
	if got := drawn(string(text)); !slices.Equal(got, want) {
		t.Errorf("the drawing is\n%s\nit should be\n\n## The drawing\n\n```\n%s\n```",
			strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestLibrariesStayInTheirRooms(t *testing.T) {
	for _, room := range rooms(t) {
		for _, path := range room.ThirdParty() {
			library := libraryOf(path)
			if library == "" {
				t.Errorf("%s imports %s: not in the table of guests", room.Name(), path)
			} else if !slices.Contains(guests[library], room.Name()) {
				t.Errorf("%s imports %s: it belongs in %v only", room.Name(), path, guests[library])
			}
		}
	}
}

func TestPureRoomsReachNothingOutside(t *testing.T) {
	for _, room := range pure(t) {
		for _, path := range room.Imports {
			if slices.ContainsFunc(impure, func(banned string) bool { return within(path, banned) }) {
				t.Errorf("%s imports %s: it is to be pure", room.Name(), path)
			}
		}
	}
}

func TestPureRoomsReadNoClock(t *testing.T) {
	for _, file := range parsed(t, pure(t)) {
		ast.Inspect(file.tree, func(node ast.Node) bool {
			if name := clockRead(node); name != "" {
				t.Errorf("%s: %s in a pure room", file.at(node), name)
			}
			return true
		})
	}
}

func TestPureRoomsStartNothing(t *testing.T) {
	for _, file := range parsed(t, pure(t)) {
		ast.Inspect(file.tree, func(node ast.Node) bool {
			if started, ok := node.(*ast.GoStmt); ok {
				t.Errorf("%s: a goroutine in a pure room", file.at(started))
			}
			return true
		})
	}
}

func TestFunctionsFitAScreen(t *testing.T) {
	var lengths []int
	for _, file := range parsed(t, rooms(t)) {
		for _, function := range file.functions() {
			length := file.line(function.End()) - file.line(function.Pos()) + 1
			lengths = append(lengths, length)
			if length > longestFunction {
				t.Errorf("%s: %s has %d lines, over %d", file.at(function), function.Name.Name, length, longestFunction)
			}
		}
	}
	if median := middle(lengths); median > medianFunction {
		t.Errorf("the median function has %d lines, over %d", median, medianFunction)
	}
}

func TestFilesHoldOneSubject(t *testing.T) {
	for _, file := range parsed(t, rooms(t)) {
		switch lines := file.line(file.tree.FileEnd); {
		case lines > longestFile:
			t.Errorf("%s has %d lines, over %d", file.name, lines, longestFile)
		case lines > usualFile:
			t.Logf("%s has %d lines, over the usual %d", file.name, lines, usualFile)
		}
	}
}

func TestNothingRunsBeforeMain(t *testing.T) {
	for _, file := range parsed(t, rooms(t)) {
		for _, function := range file.functions() {
			if function.Recv == nil && function.Name.Name == "init" {
				t.Errorf("%s: func init", file.at(function))
			}
		}
	}
}

func TestExportedNamesAreExplained(t *testing.T) {
	for _, file := range parsed(t, rooms(t)) {
		if file.tree.Name.Name == "main" {
			continue
		}
		for _, name := range unexplained(file.tree) {
			t.Errorf("%s: %s has no doc comment", file.at(name), name.Name)
		}
	}
}

// A path below somebody's home directory, where a path begins.
var homePath = regexp.MustCompile(`(?:^|[^\w.])/(?:root|home|Users)/`)

func TestNoFileNamesADevelopersMachine(t *testing.T) {
	for _, name := range texts(t) {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.IndexByte(content, 0) >= 0 {
			continue // a binary
		}
		for number, line := range strings.Split(string(content), "\n") {
			if homePath.MatchString(line) {
				t.Errorf("%s:%d names a home directory: %s", name, number+1, strings.TrimSpace(line))
			}
		}
	}
}

// A room is one package of the module, as go list tells it: tests aside.
type room struct {
	ImportPath     string
	Dir            string
	GoFiles        []string
	IgnoredGoFiles []string // for other platforms
	Imports        []string
}

func rooms(t *testing.T) []room {
	t.Helper()
	// -e: what does not compile is the compiler's to tell.
	list := exec.Command("go", "list", "-e", "-json=ImportPath,Dir,GoFiles,IgnoredGoFiles,Imports", "./...")
	list.Stderr = os.Stderr
	output, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []room
	for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
		var next room
		err := decoder.Decode(&next)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		all = append(all, next)
	}
}

func pure(t *testing.T) []room {
	t.Helper()
	return slices.DeleteFunc(rooms(t), func(r room) bool { return !slices.Contains(pureRooms, r.Name()) })
}

func (r room) Name() string { return roomName(r.ImportPath) }

// Own are the rooms of this module that r imports, sorted.
func (r room) Own() []string {
	var own []string
	for _, path := range r.Imports {
		if within(path, module) {
			own = append(own, roomName(path))
		}
	}
	slices.Sort(own)
	return own
}

// ThirdParty are the imports of r with a domain in front, by which the go command itself tells them from the standard
// library.
func (r room) ThirdParty() []string {
	return slices.DeleteFunc(slices.Clone(r.Imports), func(path string) bool {
		domain, _, _ := strings.Cut(path, "/")
		return !strings.Contains(domain, ".")
	})
}

func roomName(path string) string {
	if path == module {
		return root
	}
	return strings.TrimPrefix(path, module+"/")
}

// within reports whether an import path is the parent or below it; math/rand/v2 is below math/rand.
func within(path, parent string) bool {
	return path == parent || strings.HasPrefix(path, parent+"/")
}

func libraryOf(path string) string {
	for library := range guests {
		if within(path, library) {
			return library
		}
	}
	return ""
}

// drawing is a line for every room that imports another one.
func drawing(rooms []room) []string {
	var lines []string
	for _, room := range rooms {
		if own := room.Own(); len(own) > 0 {
			lines = append(lines, room.Name()+" -> "+strings.Join(own, " "))
		}
	}
	slices.Sort(lines)
	return lines
}

// drawn are the arrows in the fenced blocks under the heading "## The drawing", in the form of drawing: the order of
// lines and of rooms does not matter.
func drawn(markdown string) []string {
	_, section, _ := strings.Cut(markdown, "\n## The drawing\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var lines []string
	for number, part := range strings.Split(section, "```") {
		if fenced := number%2 == 1; fenced {
			lines = append(lines, drawnArrows(part)...)
		}
	}
	slices.Sort(lines)
	return lines
}

func drawnArrows(block string) []string {
	var lines []string
	for _, line := range strings.Split(block, "\n") {
		if from, to, isArrow := strings.Cut(line, " -> "); isArrow {
			targets := strings.Fields(to)
			slices.Sort(targets)
			lines = append(lines, strings.TrimSpace(from)+" -> "+strings.Join(targets, " "))
		}
	}
	return lines
}

// A goFile is one parsed file that is no test.
type goFile struct {
	name string
	set  *token.FileSet
	tree *ast.File
}

func parsed(t *testing.T, rooms []room) []goFile {
	t.Helper()
	var files []goFile
	for _, room := range rooms {
		for _, base := range slices.Concat(room.GoFiles, room.IgnoredGoFiles) {
			if !strings.HasSuffix(base, "_test.go") {
				files = append(files, parse(t, filepath.Join(room.Dir, base)))
			}
		}
	}
	return files
}

func parse(t *testing.T, name string) goFile {
	t.Helper()
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, name, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return goFile{name, set, tree}
}

func (f goFile) line(pos token.Pos) int { return f.set.Position(pos).Line }

func (f goFile) at(node ast.Node) token.Position { return f.set.Position(node.Pos()) }

func (f goFile) functions() []*ast.FuncDecl {
	var functions []*ast.FuncDecl
	for _, declared := range f.tree.Decls {
		if function, ok := declared.(*ast.FuncDecl); ok {
			functions = append(functions, function)
		}
	}
	return functions
}

// clockRead is the name of the clock's function that node speaks of, called or handed on as a value, or "".
func clockRead(node ast.Node) string {
	selector, ok := node.(*ast.SelectorExpr)
	if !ok || !slices.Contains(clock, selector.Sel.Name) {
		return ""
	}
	if from, ok := selector.X.(*ast.Ident); ok && from.Name == "time" {
		return "time." + selector.Sel.Name
	}
	return ""
}

func middle(numbers []int) int {
	if len(numbers) == 0 {
		return 0
	}
	slices.Sort(numbers)
	return numbers[len(numbers)/2]
}

// unexplained are the exported top-level names without a doc comment. The comment of a group speaks for all its members.
func unexplained(tree *ast.File) []*ast.Ident {
	var names []*ast.Ident
	for _, declared := range tree.Decls {
		switch declared := declared.(type) {
		case *ast.FuncDecl:
			if declared.Recv == nil && declared.Doc == nil {
				names = append(names, declared.Name)
			}
		case *ast.GenDecl:
			if declared.Doc == nil {
				names = append(names, unexplainedSpecs(declared.Specs)...)
			}
		}
	}
	return slices.DeleteFunc(names, func(name *ast.Ident) bool { return !name.IsExported() })
}

func unexplainedSpecs(specs []ast.Spec) []*ast.Ident {
	var names []*ast.Ident
	for _, spec := range specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if spec.Doc == nil && spec.Comment == nil {
				names = append(names, spec.Name)
			}
		case *ast.ValueSpec:
			if spec.Doc == nil && spec.Comment == nil {
				names = append(names, spec.Names...)
			}
		}
	}
	return names
}

// texts are the files of the repository whose words are ours: no build output, no checksums, no licence.
func texts(t *testing.T) []string {
	t.Helper()
	skipped := []string{".git", "bin", "dist", "go.sum", "LICENSE"}
	var names []string
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case slices.Contains(skipped, entry.Name()) && entry.IsDir():
			return filepath.SkipDir
		case entry.Type().IsRegular() && !slices.Contains(skipped, entry.Name()):
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
