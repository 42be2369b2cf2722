package domain

import "time"

// Roles of a member in a workspace.
const (
	RoleAdmin  = "admin"
	RoleEditor = "editor"
	RoleViewer = "viewer"
)

// User is a person or the one local user of an install without login.
type User struct {
	ID        string
	Name      string
	Email     string
	CreatedAt time.Time
}

// Workspace is the wall round a team's sources, queries and runs.
type Workspace struct {
	ID   string
	Name string
}

// Principal is who asks: every store call carries one, and no row of another
// workspace is ever seen through it.
type Principal struct {
	WorkspaceID string
	UserID      string
	UserName    string
	Role        string
}

// Source is a database that people query. Settings holds the connection fields
// that are not secret; secrets are reached through the store alone.
type Source struct {
	ID          string
	WorkspaceID string
	Name        string
	Engine      string            // "postgres", "mysql", "sqlite"
	Settings    map[string]string // connection fields without secrets
	IsActive    bool
	ReadOnly    bool
	Production  bool
	RowLimit    int           // default rows of a run; 0 = the workspace's default
	Timeout     time.Duration // of one run; 0 = the workspace's default
	CacheTTL    time.Duration // 0 = Run always runs
	Color       string
	Revision    int // grows with each change of the connection; part of cache keys and worker specs
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Query is a saved (or, when IsEphemeral, a scratch or preview) piece of SQL
// with numbered versions.
type Query struct {
	ID           string
	WorkspaceID  string
	Name         string
	Folder       string
	SourceID     string // "" if its source was deleted
	IsEphemeral  bool
	PreviewKey   string // "table:<source>:<schema>.<table>" for a table preview, else ""
	DraftSQL     string // what the editor holds now
	SQL          string // text of the newest version
	VersionCount int
	CreatedBy    string
	CreatedAt    time.Time
	UpdatedAt    time.Time
	ForkedFrom   string
}

// Triggers of versions and runs.
const (
	TriggerManual  = "manual"
	TriggerRun     = "run"
	TriggerAI      = "ai"
	TriggerRestore = "restore"
	TriggerEditor  = "editor"
	TriggerAPI     = "api"
	TriggerShare   = "share"
	TriggerEmbed   = "embed"
	TriggerTable   = "table"
)

// Version is one numbered, immutable text of a query.
type Version struct {
	ID        string
	QueryID   string
	Number    int
	SQL       string
	Message   string
	Trigger   string // manual, run, ai, restore
	CreatedBy string // user ID
	Author    string // user name
	CreatedAt time.Time
}

// RunStatus is a run's place in its life.
type RunStatus string

// The statuses. Success, Failed, Cancelled and Interrupted are final.
const (
	RunQueued      RunStatus = "queued"
	RunRunning     RunStatus = "running"
	RunSuccess     RunStatus = "success"
	RunError       RunStatus = "error"
	RunCancelled   RunStatus = "cancelled"
	RunInterrupted RunStatus = "interrupted" // the server died while it ran
)

// Done reports whether the status is final.
func (s RunStatus) Done() bool { return s != RunQueued && s != RunRunning }

// Run is one press of Run: a text of one or more statements sent to a source.
type Run struct {
	ID          string
	WorkspaceID string
	QueryID     string // "" for an ad-hoc run
	QueryName   string
	VersionID   string
	Version     int // number of the version; 0 for an ad-hoc run
	SourceID    string
	SourceName  string
	Engine      string
	SQL         string
	Params      map[string]string
	Trigger     string
	Status      RunStatus
	Elapsed     time.Duration
	RowCount    int64
	Bytes       int64
	Error       *SQLError // Position counts bytes in SQL
	Worker      string
	MaxRows     int    // row limit of each statement of this run
	CachedFrom  string // ID of the run whose stored result this one shows; "" if it ran
	CreatedBy   string
	Author      string
	CreatedAt   time.Time
	StartedAt   time.Time
	FinishedAt  time.Time
	Statements  []RunStatement
}

// NewRun is what the store needs to record the start of a run.
type NewRun struct {
	QueryID  string // "" for an ad-hoc run
	SourceID string
	SQL      string // the part of the text that is run
	Params   map[string]string
	Trigger  string
	MaxRows  int
	// SaveSQL, if not empty, is the query's whole text; it becomes a new
	// version in the same transaction when it differs from the newest one.
	SaveSQL string
}

// Truncation says which limit ended a statement's result early.
type Truncation string

// The limits. TruncatedNone means the result is whole.
const (
	TruncatedNone   Truncation = ""
	TruncatedRows   Truncation = "rows"
	TruncatedBytes  Truncation = "bytes"
	TruncatedCancel Truncation = "cancelled" // rows kept of a cancelled run
)

// RunStatement is one statement of a run and its outcome. Columns are not here
// but in the result store under ResultKey.
type RunStatement struct {
	Seq       int // from 0
	SQL       string
	Start     int // byte offset of SQL in the run's text
	Status    RunStatus
	HasRows   bool // it returned columns (perhaps with zero rows)
	RowCount  int64
	Affected  int64 // -1 if unknown or not a write
	Truncated Truncation
	Bytes     int64
	Elapsed   time.Duration
	Error     *SQLError // Position counts bytes in SQL
	Notices   []string
	ResultKey string // "" if nothing was stored or it has expired
}

// WorkerState is a worker's place in its life.
type WorkerState string

// The states, in the order of a worker's life.
const (
	WorkerAbsent      WorkerState = "absent"
	WorkerStarting    WorkerState = "starting"
	WorkerConfiguring WorkerState = "configuring"
	WorkerReady       WorkerState = "ready"
	WorkerBusy        WorkerState = "busy"
	WorkerUnhealthy   WorkerState = "unhealthy"
	WorkerStopped     WorkerState = "stopped" // idle-stopped; wakes on the next run
	WorkerFailed      WorkerState = "failed"  // gave up after repeated starts
)
