// Package engine defines what a database engine is to Dribble: a Spec that the
// web side may see (connection fields, dialect facts) and an Engine that only a
// worker may hold (connections, statements, introspection). Each engine lives in
// a folder of its own below this one; engine/all lists them.
package engine

import (
	"context"
	"errors"
	"net"
	"time"

	"dribble/result"
)

// Engine opens databases of one kind. Implementations are stateless.
type Engine interface {
	Spec() Spec
	// Open prepares access to one database without connecting yet.
	Open(cfg Config) (DB, error)
}

// Config is everything a worker knows about its database.
type Config struct {
	Fields   map[string]string // by Field.Name, secrets included
	ReadOnly bool              // refuse writes by the database's own means
	MaxConns int               // sessions side by side; at least 1
	AppName  string            // shown in the server's process list
	// Dial opens network connections; every engine must use it for all of
	// them. Nil means a plain net.Dialer.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
}

// DB is one database, safe for concurrent use. It connects on demand and keeps
// at most Config.MaxConns sessions.
type DB interface {
	// Check runs the connection test and reports each step as it starts and
	// as it ends. The error is nil if all steps passed; otherwise it is
	// a *CheckError.
	Check(ctx context.Context, report func(CheckStep)) (Info, error)
	// Ping proves that the database answers, cheaply.
	Ping(ctx context.Context) error
	// Schema reads the catalogue as req asks.
	Schema(ctx context.Context, req SchemaRequest) (Schema, error)
	// Session waits for a free session. The caller must Close it.
	Session(ctx context.Context) (Session, error)
	// KillOrphans ends statements that an earlier worker of the same AppName
	// left running in the database. Engines whose server notices a lost client
	// by itself do nothing.
	KillOrphans(ctx context.Context) error
	Close() error
}

// Session is one connection that runs statements in order, keeping session
// state (temporary tables, open transaction, SET) between them. Not safe for
// concurrent use.
type Session interface {
	// Exec runs one statement and streams its rows to sink, in text form.
	//
	// When ctx ends, or sink returns an error (ErrStop for "enough"), the
	// statement is cancelled in the database, repeatedly until it has stopped,
	// and Exec returns only when the session is idle again or has been thrown
	// away. The returned error is then ctx's cause or sink's error, never
	// whatever the driver said; sink's ErrStop gives a nil error. A failure
	// of the statement is a *domain.SQLError.
	Exec(ctx context.Context, st Statement, sink Sink) (Outcome, error)
	// Close rolls back anything open, resets the session and gives it back.
	// A session that cannot be proven clean is closed for good.
	Close() error
}

// Statement is one statement for Session.Exec.
type Statement struct {
	Text string // exactly one statement, no terminator needed
	// Args are bound in order to $1… (PostgreSQL) or ? (MySQL, SQLite); nil
	// elements are NULL. Text form: the database decides the type.
	Args []*string
	// Tag identifies the run in the server's process list where the engine
	// can carry it (MySQL: a leading comment).
	Tag string
	// MaxCell cuts no value but ends the statement: a cell longer than this
	// many bytes fails it with a clear *domain.SQLError. 0 = no bound.
	MaxCell int
}

// Outcome is what a finished statement reports beside its rows.
type Outcome struct {
	Affected int64  // rows written; -1 if not a write or unknown
	Tag      string // the database's command tag ("INSERT 0 3"), if any
}

// ErrStop is returned by a Sink that has enough rows.
var ErrStop = errors.New("engine: sink has enough")

// Sink receives a statement's result. Its methods are called from one goroutine.
type Sink interface {
	// Columns is called once before any row if the statement returns rows,
	// also when there are none, and not at all otherwise.
	Columns(cols []result.Column) error
	// Row gets one row's cells; nil is NULL. Cells and slice are valid only
	// during the call.
	Row(cells [][]byte) error
	// Notice passes on a server message (NOTICE, warning).
	Notice(text string)
}

// Info is what a connection test found out.
type Info struct {
	ServerVersion string        `json:"server_version"` // "PostgreSQL 15.18", "MariaDB 10.11.19", "SQLite 3.50.4"
	Schemas       int           `json:"schemas"`
	Tables        int           `json:"tables"`
	CanWrite      string        `json:"can_write"`     // sentence: "No, role is read-only", "Yes"
	LargestTable  string        `json:"largest_table"` // qualified name, "" if none
	LargestRows   int64         `json:"largest_rows"`  // estimate
	ServerTime    string        `json:"server_time"`   // sentence: "UTC, 0.2 s ahead"
	TLS           string        `json:"tls"`           // "TLS 1.3, certificate valid", "not used"
	Latency       time.Duration `json:"latency"`       // of a trivial statement
}

// Steps of a connection test, in order. The worker step is reported by the
// worker pool; the engine reports the other four.
const (
	StepWorker = "worker"
	StepHost   = "host"
	StepTLS    = "tls"
	StepSignIn = "sign_in"
	StepSchema = "schema"
)

// CheckStep reports one step of a connection test.
type CheckStep struct {
	Name  string        `json:"name"`  // StepHost, …
	Done  bool          `json:"done"`  // false: it has just begun
	OK    bool          `json:"ok"`    // meaningful when Done
	Label string        `json:"label"` // "Reached the host", "TLS 1.3, certificate valid", "Sign-in refused"
	Took  time.Duration `json:"took"`
}

// CheckError says why a connection test failed, in words for the person at the
// form.
type CheckError struct {
	Step     string   `json:"step"`
	Title    string   `json:"title"`    // "Wrong password for analyst_ro"
	Known    string   `json:"known"`    // what is known to be fine: "The host answered, so address, port and TLS are fine."
	Remedies []string `json:"remedies"` // at most two sentences
	Raw      string   `json:"raw"`      // the database's own code and message, secrets scrubbed
	Field    string   `json:"field"`    // the form field to mark, "" if none
}

// Error gives title and raw message.
func (e *CheckError) Error() string {
	if e.Raw == "" {
		return e.Title
	}
	return e.Title + ": " + e.Raw
}
