// Package enginetest is the suite that every engine must pass. An engine's own
// test fills in a Fixture, with the few pieces of SQL that differ between
// dialects, and calls Run:
//
//	func TestEngine(t *testing.T) { enginetest.Run(t, fixture(t)) }
//
// The suite knows no engine by name. What an engine cannot have (a server
// process, routines, notices) is left out of its Fixture and the case is skipped
// with a reason that the output shows.
package enginetest

import (
	"testing"

	"dribble/domain"
	"dribble/engine"
	"dribble/result"
)

// Fixture is what the suite needs to know of an engine.
type Fixture struct {
	Engine engine.Engine
	// Fields are the connection fields of an empty database in which the suite
	// may make and drop what it likes. The account may do so.
	Fields map[string]string
	SQL    Dialect
	// Types are one value of each type the database has.
	Types []TypeCase
	// BadValues are awkward results beyond Types: NaN, far dates, nested arrays.
	BadValues []TypeCase
	// Escapes are scripts that try to write through a read-only source, by any
	// trick the engine knows. Each must leave the table "guarded" and the list
	// of tables as they are. The statements of a script run in one session.
	Escapes [][]string
	// EscapeSetup makes what the escapes try to use (a sequence, a procedure that
	// writes to "guarded"); "guarded" exists already.
	EscapeSetup []string
	// Checks are connections that must fail their test, each at its step.
	Checks []CheckCase
	Schema SchemaFixture

	// Running counts the statements that run now in the server for the
	// connections called appName. Nil if there is no server.
	Running func(t testing.TB, appName string) int
	// Kill ends the server side of all connections called appName. Nil if
	// there is no server.
	Kill func(t testing.TB, appName string)
}

// Dialect holds the statements that differ. The suite uses plain SQL that all
// engines understand for everything else.
type Dialect struct {
	// Series selects the integers 1 to n in order, one column called n.
	Series func(n int) string
	// Endless selects rows without end, soon and fast: at least 1e9 rows.
	Endless string
	// Slow gives no row for at least 20 s, mostly waiting.
	Slow string
	// Busy gives no row for at least 20 s, computing. "" means as Slow.
	Busy string
	// Repeat is an expression for text s, n times.
	Repeat func(s string, n int) string
	// Param is the placeholder of argument i, from 1: "$1" or "?".
	Param func(i int) string
	// OddName is a column name with letters beyond ASCII; "" means "größe 💾".
	// MySQL has no characters beyond the first plane in names.
	OddName string
	// MaxColumns is the largest number of columns of a result.
	MaxColumns int
	// NoColumns selects one row of no columns. "" if impossible.
	NoColumns string
	// MissingTable is the code of the error for an unknown table.
	MissingTable string
	// Errors are statements that fail at a known place.
	Errors []ErrorCase
	// FailsMidway gives thousands of rows and then fails. "" if impossible.
	FailsMidway string
	// State are queries that show what else an escape could change: the tables,
	// functions, sequences, users.
	State []string
	// Notice makes the server send a message holding NoticeText. "" if impossible.
	Notice     []string
	NoticeText string
	// SetState changes a setting of the session and ShowState shows it: Changed
	// in the same session, Fresh in a new one. All "" if there is none.
	SetState, ShowState, Changed, Fresh string
	// Begin opens a transaction; "" means "BEGIN".
	Begin string
	// Tag is the command tag of an INSERT of three rows, "" if the engine has none.
	Tag string
	// SeriesType is the column type of Series, "" = do not look.
	SeriesType string
}

// ErrorCase is a statement that fails with Code where Marker first stands in it.
type ErrorCase struct {
	Text   string
	Code   string
	Marker string
}

// TypeCase is one value: SELECT Expr must give the text Want, to the byte, in a
// column of the type.
type TypeCase struct {
	Name string // of the case; usually the type's name
	Expr string
	Want string
	Null bool        // Want is NULL
	Type string      // wanted Column.Type; "" = do not look
	Kind result.Kind // wanted Column.Kind; "" = do not look
	// Setup runs before, for types that only a table's column can have. Expr is
	// then a whole SELECT if it begins with that word.
	Setup []string
}

// CheckCase is a connection test that must fail.
type CheckCase struct {
	Name   string
	Change map[string]string // fields to change in the Fixture's
	Step   string            // engine.StepHost, …
	Field  string            // wanted CheckError.Field
	// Secret must not occur in any text of the error. "" = the fields' password.
	Secret string
}

// SchemaFixture describes the catalogue that Setup makes.
type SchemaFixture struct {
	// Setup makes the tables author(id, name) and book(id, author_id → author.id,
	// title, isbn), with primary keys id, a default on book.title of 'Untitled', a
	// NOT NULL author.name, a unique index book_isbn on book(isbn), and the
	// view shelf on book.
	Setup []string
	// Schema is the namespace they are in.
	Schema string
	// Comments tells that Setup commented table author as "People who write"
	// and column author.name as "As on the cover".
	Comments bool
	// Routine is the name of a function that Setup made, "" if none.
	Routine string
	// MarksKeys tells that the engine sets Column.Key of results.
	MarksKeys bool
	// IDType is the full type of book.id.
	IDType string
}

// Codes that the suite looks for.
const (
	codeReadOnly   = domain.CodeReadOnly
	codeConnection = domain.CodeConnection
)
