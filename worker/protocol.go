// Package worker is the wire between Dribble's server and a worker: the messages,
// the frame format and the client. What runs inside a worker is worker/serve; what
// finds, starts and watches workers is worker/pool. The two never import each other.
package worker

import (
	"time"

	"dribble/domain"
	"dribble/result"
)

// Version is the protocol's version. Server and worker are the same binary, but
// an old worker may outlive an upgrade; it is replaced when versions differ.
const Version = 1

// Paths of the worker's HTTP server, on a unix socket or a private network.
// Every call but PathHealth needs "Authorization: Bearer <token>".
const (
	PathHealth    = "/v1/health"    // GET: Health, no token
	PathConfigure = "/v1/configure" // POST Configuration; 409 the second time
	PathExec      = "/v1/exec"      // POST Exec; answers a stream of frames
	PathCancel    = "/v1/cancel"    // POST Cancel
	PathCheck     = "/v1/check"     // POST {}; answers a stream of step, then info or check_error frames
	PathSchema    = "/v1/schema"    // POST engine.SchemaRequest; engine.Schema
)

// Health is a worker's own report.
type Health struct {
	Protocol   int    `json:"protocol"`
	Configured bool   `json:"configured"`
	Running    int    `json:"running"`            // runs in the worker now
	Stopping   bool   `json:"stopping,omitempty"` // it takes no more runs
	RSS        int64  `json:"rss"`                // bytes
	SpecHash   string `json:"spec_hash"`
}

// Configuration is pushed to a worker once, after its start.
type Configuration struct {
	SpecHash string            `json:"spec_hash"`
	Engine   string            `json:"engine"`
	Fields   map[string]string `json:"fields"` // with secrets
	ReadOnly bool              `json:"read_only"`
	MaxConns int               `json:"max_conns"`
	AppName  string            `json:"app_name"`
	// KeepOrphans leaves statements of earlier workers of the same AppName
	// alone: some of them still run in a worker that is being replaced, or
	// this worker only tests a connection.
	KeepOrphans bool `json:"keep_orphans,omitempty"`
}

// Exec asks a worker to run the statements of one run in one session.
type Exec struct {
	RunID      string      `json:"run_id"`
	Statements []Statement `json:"statements"`
	Limits     Limits      `json:"limits"`
	// KeepGoing runs the statements after a failed one too.
	KeepGoing bool `json:"keep_going,omitempty"`
}

// Statement is one statement of an Exec.
type Statement struct {
	Seq  int       `json:"seq"`
	Text string    `json:"text"`
	Args []*string `json:"args,omitempty"`
	// Writes marks a statement that may change data. At a row or byte limit
	// its further rows are read and dropped; cancelling it there would undo
	// the change while the run says success.
	Writes bool `json:"writes,omitempty"`
}

// Limits bound a run. They hold in the worker and again in the server. 0 means
// no bound.
type Limits struct {
	Rows    int64         `json:"rows"`    // of each statement
	Bytes   int64         `json:"bytes"`   // of cell data, of each statement
	Cell    int           `json:"cell"`    // bytes of one cell
	Timeout time.Duration `json:"timeout"` // of the whole run
}

// Cancel asks a worker to stop a run.
type Cancel struct {
	RunID string `json:"run_id"`
}

// FrameType is the first byte of a frame. After it come the payload's length as
// a uvarint and the payload: JSON for all but FrameBatch, whose payload is the
// number of rows as a uvarint followed by the rows in package result's encoding.
type FrameType byte

// The frames of an Exec stream, in order: hello, then for each statement begin,
// columns (if it returns rows), batches and notices, end; last done.
const (
	FrameHello      FrameType = 'h' // Hello: the worker has a session and begins
	FrameBegin      FrameType = 'g' // Begin
	FrameColumns    FrameType = 'c' // Columns
	FrameBatch      FrameType = 'b'
	FrameNotice     FrameType = 'n' // Notice
	FrameEnd        FrameType = 'e' // End
	FrameDone       FrameType = 'd' // Done
	FrameStep       FrameType = 's' // engine.CheckStep
	FrameInfo       FrameType = 'i' // engine.Info
	FrameCheckError FrameType = 'x' // engine.CheckError
)

// MaxFrame bounds a frame's payload; a longer one is a protocol error.
const MaxFrame = 16 << 20

// Hello opens an Exec stream.
type Hello struct {
	Protocol int `json:"protocol"`
}

// Begin says that a statement has been sent to the database.
type Begin struct {
	Seq int `json:"seq"`
}

// Columns says that the current statement returns rows.
type Columns struct {
	Seq     int             `json:"seq"`
	Columns []result.Column `json:"columns"`
}

// Notice is a message of the database during the current statement.
type Notice struct {
	Seq  int    `json:"seq"`
	Text string `json:"text"`
}

// End closes a statement.
type End struct {
	Seq       int               `json:"seq"`
	Rows      int64             `json:"rows"`
	Affected  int64             `json:"affected"` // -1 unknown
	Tag       string            `json:"tag,omitempty"`
	Truncated domain.Truncation `json:"truncated,omitempty"`
	Elapsed   time.Duration     `json:"elapsed"`
	Error     *domain.SQLError  `json:"error,omitempty"` // Code domain.CodeCancelled, CodeTimeout for those ends
}

// Done closes an Exec stream. Its absence means the worker was lost.
type Done struct {
	Status domain.RunStatus `json:"status"` // success, error or cancelled
	// Error is set when the run failed outside any statement, e.g. no
	// connection to the database.
	Error *domain.SQLError `json:"error,omitempty"`
}
