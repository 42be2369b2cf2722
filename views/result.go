package views

import (
	"strconv"
	"strings"
	"time"

	"dribble/domain"
	"dribble/result"
)

// ShowMessages opens, as ResultView.Shown, the messages instead of a statement.
const ShowMessages = -1

// PageRows is how many rows a page shows, and the grid's first window: fewer of
// very wide results, so that a page stays light. The grid asks for windows of the
// same size.
func PageRows(columns int) int64 {
	if columns <= 60 {
		return 100
	}
	return max(10, 6000/int64(columns))
}

// ResultView is everything below the editor: one run and what it returned, a
// refusal, or nothing yet.
type ResultView struct {
	QueryID    string     // "" on the page of a run that belongs to no query
	Run        domain.Run // ID "" if there is none
	Statements []StatementView
	Shown      int           // statement in view, by its place in Statements, or ShowMessages
	Progress   Progress      // of a run that has not ended
	Problem    *Problem      // what the database refused, if the editor's text holds it
	Refusal    *domain.Error // why no run was started; wins over Run
	Engines    Engines
	Now        time.Time
}

// StatementView is one statement's result.
type StatementView struct {
	domain.RunStatement
	Columns []result.Column
	Offset  int64          // of the first row of Rows
	Rows    [][][]byte     // first window; a nil cell is NULL
	Expired bool           // it had rows, but they are no longer kept
	Widths  map[string]int // stored column widths by name, px
}

// Progress is what a running run tells.
type Progress struct {
	Phase string // "Starting worker", "Waiting", "Running", "Receiving rows", "Cancelling"
	Ahead int    // runs before this one, while waiting
	Rows  int64
	Bytes int64
	Took  time.Duration
	Rate  float64 // rows a second; 0 if unknown
}

// Problem is where and why a statement failed. From and To are UTF-16 offsets in
// the editor's text; Line and Col count from 1 in it.
type Problem struct {
	Error  domain.SQLError
	From   int
	To     int
	Line   int
	Col    int    // in characters
	Before []Span // the line's text before the fault, coloured
	Fault  string // the faulty word
	After  []Span
	Placed bool // false: the database gave no position, and only Error holds
}

func (v ResultView) id() string {
	if v.QueryID != "" {
		return v.QueryID
	}
	return "run-" + v.Run.ID
}

func (v ResultView) running() bool { return v.Refusal == nil && v.Run.ID != "" && !v.Run.Status.Done() }

func (v ResultView) state() string {
	switch {
	case v.Refusal != nil:
		return string(domain.RunError)
	case v.Run.ID == "":
		return "none"
	}
	return string(v.Run.Status)
}

// address is where the page shows this run.
func (v ResultView) address(extra string) string {
	if v.QueryID == "" {
		return "/runs/" + v.Run.ID + "?" + extra
	}
	return "/queries/" + v.QueryID + "?run=" + v.Run.ID + "&" + extra
}

func (v ResultView) pageHref(seq int, offset int64) string {
	return v.address("statement=" + strconv.Itoa(seq) + "&offset=" + strconv.FormatInt(offset, 10))
}

// eventsURL is the run's event stream; it says which sections the page has, and
// how many of them need nothing more.
func (v ResultView) eventsURL() string {
	ready := 0
	for _, st := range v.Statements {
		if st.HasRows || st.Status.Done() {
			ready++
		}
	}
	return "/runs/" + v.Run.ID + "/events?known=" + strconv.Itoa(len(v.Statements)) + "&ready=" + strconv.Itoa(ready)
}

// failure is the error to show, nil if there is none.
func (v ResultView) failure() *domain.SQLError {
	if v.Problem != nil {
		return &v.Problem.Error
	}
	return v.Run.Error
}

func (v ResultView) tabWord(i int) string {
	st := v.Statements[i]
	if len(v.Statements) > 1 && st.HasRows {
		return strconv.Itoa(st.Seq+1) + " ·"
	}
	if len(v.Statements) > 1 {
		return strconv.Itoa(st.Seq + 1)
	}
	return "Results"
}

func (v ResultView) exportHref(seq int, f exportFormat) string {
	href := "/runs/" + v.Run.ID + "/export?statement=" + strconv.Itoa(seq) + "&format=" + f.Name
	if f.Guard {
		href += "&guard=1"
	}
	return href
}

// shownStatement is the statement in view, the first one while messages are.
func (v ResultView) shownStatement() (StatementView, bool) {
	if len(v.Statements) == 0 {
		return StatementView{}, false
	}
	return v.Statements[min(max(v.Shown, 0), len(v.Statements)-1)], true
}

// exportFormat is a choice of the Export menu. Guard keeps a spreadsheet from
// running cells as formulas, at the price of changing them.
type exportFormat struct {
	Name, Label string
	Guard       bool
}

func exportFormats() []exportFormat {
	return []exportFormat{
		{Name: "csv", Label: "CSV"}, {Name: "csv", Label: "CSV for spreadsheets", Guard: true},
		{Name: "tsv", Label: "TSV"}, {Name: "json", Label: "JSON"}, {Name: "ndjson", Label: "JSON lines"},
	}
}

// Rows is a window of rows for the grid.
type Rows struct {
	Columns []result.Column
	Offset  int64 // number of the first row, from 0
	Rows    [][][]byte
}

func sectionID(run domain.Run, seq int) string { return "result-" + run.ID + "-" + strconv.Itoa(seq) }

func countID(run domain.Run, seq int) string { return "count-" + run.ID + "-" + strconv.Itoa(seq) }

func gridID(run domain.Run, seq int) string { return "grid-" + run.ID + "-" + strconv.Itoa(seq) }

func rowsURL(run domain.Run, seq int) string {
	return "/runs/" + run.ID + "/rows?statement=" + strconv.Itoa(seq)
}

func columnTitleOf(c result.Column) string { return c.Name + " " + c.Type }

func cellClass(kind result.Kind) string { return "k-" + string(kind) }

// outcome says what a statement without rows did.
func outcome(st domain.RunStatement) string {
	if st.Affected >= 0 {
		return Plural(st.Affected, "row") + " changed"
	}
	return "Done"
}

// failureTitle is the plain sentence over a failure.
func failureTitle(e domain.SQLError) string { return Sentence(e.Message) }

// ofDatabase reports whether the database itself said it, not Dribble.
func ofDatabase(e domain.SQLError) bool {
	switch e.Code {
	case domain.CodeTimeout, domain.CodeCancelled, domain.CodeWorkerLost, domain.CodeReadOnly, domain.CodeConnection, "":
		return false
	}
	return true
}

// codeLabel is what an engine calls its error codes.
func codeLabel(engineName string) string {
	switch engineName {
	case "postgres":
		return "SQLSTATE"
	case "sqlite":
		return "Result code"
	}
	return "Error code"
}

func saidSeverity(e domain.SQLError) string {
	if e.Severity == "" {
		return e.Message
	}
	return e.Severity + ": " + e.Message
}

// logLine is one line of Messages.
type logLine struct {
	At   time.Time
	Text string
	Kind string // "", "notice", "err"
}

// log tells a run's life in order.
func (v ResultView) log() []logLine {
	run := v.Run
	var lines []logLine
	if !run.CreatedAt.IsZero() && run.Status == domain.RunQueued {
		lines = append(lines, logLine{At: run.CreatedAt, Text: "Waiting for a worker of " + run.SourceName})
	}
	if !run.StartedAt.IsZero() {
		lines = append(lines, logLine{At: run.StartedAt, Text: "Sent to worker " + run.SourceName})
	}
	for _, st := range v.Statements {
		at := run.StartedAt
		for _, n := range st.Notices {
			lines = append(lines, logLine{At: at, Text: n, Kind: "notice"})
		}
		if len(v.Statements) > 1 && st.Status.Done() {
			lines = append(lines, logLine{Text: statementLine(st.RunStatement)})
		}
	}
	if run.Status.Done() && !run.FinishedAt.IsZero() {
		lines = append(lines, logLine{At: run.FinishedAt, Text: endLine(run)})
	}
	return lines
}

func statementLine(st domain.RunStatement) string {
	name := "Statement " + strconv.Itoa(st.Seq+1) + ": "
	switch {
	case st.Status == domain.RunError && st.Error != nil:
		return name + st.Error.Message
	case st.Status == domain.RunCancelled:
		return name + "cancelled"
	case st.HasRows:
		return name + Plural(st.RowCount, "row") + " in " + Elapsed(st.Elapsed)
	}
	return name + outcome(st) + " in " + Elapsed(st.Elapsed)
}

func endLine(run domain.Run) string {
	took := " after " + Elapsed(run.Elapsed) + "."
	switch run.Status {
	case domain.RunSuccess:
		return "Finished. " + Plural(run.RowCount, "row") + " in " + Elapsed(run.Elapsed) + "."
	case domain.RunCancelled:
		return "Cancelled" + took + keptLine(run)
	case domain.RunInterrupted:
		return "Interrupted: the server stopped while this ran." + keptLine(run)
	}
	return "Failed" + took + keptLine(run)
}

func keptLine(run domain.Run) string {
	if run.RowCount == 0 {
		return " No rows were read."
	}
	return " " + Plural(run.RowCount, "row") + " kept."
}

// ended is endLine for the ear: "Run finished, 44 rows, 1.24 seconds". A run that
// goes on or has failed has none.
func ended(run domain.Run) string {
	words := map[domain.RunStatus]string{domain.RunSuccess: "finished", domain.RunCancelled: "cancelled", domain.RunInterrupted: "interrupted"}
	word := words[run.Status]
	if word == "" {
		return ""
	}
	took := strings.NewReplacer("<", "less than ", " min", " minutes", " h", " hours", " s", " seconds").Replace(Elapsed(run.Elapsed))
	return "Run " + word + ", " + Plural(run.RowCount, "row") + ", " + took
}
