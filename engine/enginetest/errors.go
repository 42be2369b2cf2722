package enginetest

import (
	"strings"
	"testing"
)

func errorCases() []kase {
	return []kase{
		{"an error has code, message and leaves the session usable", errorCode},
		{"an error has its position", errorPosition},
		{"an error in the middle of rows keeps the rows", errorMidway},
		{"a failed transaction can be rolled back", failedTransaction},
		{"a constraint's error", constraintError},
	}
}

func errorCode(t *testing.T, f Fixture) {
	s := session(t, f)
	e := sqlError(t, s, "SELECT * FROM there_is_no_such_table")
	if e.Code != f.SQL.MissingTable || !strings.Contains(e.Message, "there_is_no_such_table") {
		t.Errorf("got %q %q, want code %s and the table's name", e.Code, e.Message, f.SQL.MissingTable)
	}
	mustWork(t, s)
}

func errorPosition(t *testing.T, f Fixture) {
	if len(f.SQL.Errors) == 0 {
		t.Skip("the database gives no positions")
	}
	s := session(t, f)
	for _, c := range f.SQL.Errors {
		e := sqlError(t, s, c.Text)
		want := strings.Index(c.Text, c.Marker)
		switch {
		case e.Code != c.Code:
			t.Errorf("%s: got code %q, want %q (%s)", c.Text, e.Code, c.Code, e.Message)
		case e.Position == nil:
			t.Errorf("%s: got no position, want %d", c.Text, want)
		case *e.Position != want:
			t.Errorf("%s: got position %d, want %d", c.Text, *e.Position, want)
		}
	}
	mustWork(t, s)
}

func errorMidway(t *testing.T, f Fixture) {
	if f.SQL.FailsMidway == "" {
		t.Skip("the database computes a result before it sends it")
	}
	s := session(t, f)
	r := &recorder{}
	_, err := s.Exec(bounded(t), statement(f.SQL.FailsMidway), r)
	if asSQLError(err) == nil {
		t.Fatalf("got error %v, want a *domain.SQLError", err)
	}
	if r.columnCalls != 1 || r.count == 0 {
		t.Errorf("got %d calls of Columns and %d rows before the error, want 1 and some", r.columnCalls, r.count)
	}
	mustWork(t, s)
}

func failedTransaction(t *testing.T, f Fixture) {
	s := session(t, f)
	execAll(t, s, "CREATE TABLE failed_transaction (id INTEGER PRIMARY KEY)", begin(f),
		"INSERT INTO failed_transaction VALUES (1)")
	sqlError(t, s, "INSERT INTO failed_transaction VALUES (1)")
	execAll(t, s, "ROLLBACK")
	if got := value(t, s, "SELECT count(*) FROM failed_transaction"); got != "0" {
		t.Errorf("got %s rows, want 0", got)
	}
	exec(t, s, "DROP TABLE failed_transaction")
}

func constraintError(t *testing.T, f Fixture) {
	s := session(t, f)
	execAll(t, s, "CREATE TABLE constrained (id INTEGER NOT NULL PRIMARY KEY)", "INSERT INTO constrained VALUES (7)")
	e := sqlError(t, s, "INSERT INTO constrained VALUES (7)")
	if e.Code == "" || e.Message == "" {
		t.Errorf("got %+v, want code and message", e)
	}
	exec(t, s, "DROP TABLE constrained")
}
