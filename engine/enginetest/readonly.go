package enginetest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"dribble/engine"
)

func readOnlyCases() []kase {
	return []kase{
		{"a read-only source reads", readOnlyReads},
		{"a read-only source refuses writes by name", readOnlyRefuses},
		{"no escape writes through a read-only source", escapes},
	}
}

// guarded makes the table that escapes try to write to, and opens the database
// read-only beside the writable one.
func guarded(t *testing.T, f Fixture) (writable engine.Session, readOnly engine.DB) {
	t.Helper()
	writable = session(t, f)
	execAll(t, writable, "CREATE TABLE guarded (id INTEGER)", "INSERT INTO guarded VALUES (1)")
	t.Cleanup(func() { execAfter(t, writable, "DROP TABLE guarded") })
	readOnly, _ = open(t, f, func(c *engine.Config) { c.ReadOnly = true })
	return writable, readOnly
}

// execAfter runs a statement during clean-up, when the test's context has ended.
func execAfter(t *testing.T, s engine.Session, text string) {
	t.Helper()
	if _, err := s.Exec(context.Background(), statement(text), &recorder{}); err != nil {
		t.Errorf("%s: %v", text, err)
	}
}

func readOnlyReads(t *testing.T, f Fixture) {
	_, db := guarded(t, f)
	inSession(t, db, func(s engine.Session) {
		if got := value(t, s, "SELECT id FROM guarded"); got != "1" {
			t.Errorf("got %s, want 1", got)
		}
		sqlError(t, s, "SELECT * FROM there_is_no_such_table")
		if got := value(t, s, "WITH g AS (SELECT id FROM guarded) SELECT count(*) FROM g"); got != "1" {
			t.Errorf("after an error: got %s, want 1", got)
		}
		r := &recorder{noCopies: true, stopAt: 100}
		if _, err := s.Exec(bounded(t), statement(f.SQL.Endless), r); err != nil {
			t.Errorf("stop early: %v", err)
		}
		mustWork(t, s)
	})
}

func readOnlyRefuses(t *testing.T, f Fixture) {
	_, db := guarded(t, f)
	s := sessionOf(t, db)
	for _, text := range []string{
		"INSERT INTO guarded VALUES (2)", "UPDATE guarded SET id = 2", "DELETE FROM guarded",
		"CREATE TABLE escaped (id INTEGER)", "DROP TABLE guarded",
	} {
		if e := sqlError(t, s, text); e.Code != codeReadOnly || e.Message == "" {
			t.Errorf("%s: got %q %q, want code %q", text, e.Code, e.Message, codeReadOnly)
		}
	}
	mustWork(t, s)
}

func escapes(t *testing.T, f Fixture) {
	writable, db := guarded(t, f)
	execAll(t, writable, f.EscapeSetup...)
	before := fingerprint(t, f, writable)
	refused := 0
	for _, script := range f.Escapes {
		s, err := db.Session(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		for _, text := range script {
			// What each statement answers does not matter; what it leaves does.
			_, _ = s.Exec(ctx, statement(text), &recorder{keep: 10})
		}
		cancel()
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if after := fingerprint(t, f, writable); after != before {
			t.Errorf("escaped by %q:\nbefore %s\nafter  %s", script, before, after)
			before = after
			continue
		}
		refused++
	}
	inSession(t, db, func(s engine.Session) {
		mustWork(t, s)
		if e := sqlError(t, s, "INSERT INTO guarded VALUES (2)"); e.Code != codeReadOnly {
			t.Errorf("after all escapes: got code %q, want %q", e.Code, codeReadOnly)
		}
	})
	fmt.Printf("%s: bad inputs handled: %d of %d (read-only escapes)\n", f.Engine.Spec().Name, refused, len(f.Escapes))
}

// fingerprint is what an escape would change: the table's rows and all that the
// catalogue lists.
func fingerprint(t *testing.T, f Fixture, s engine.Session) string {
	t.Helper()
	var b strings.Builder
	for _, text := range append([]string{"SELECT id FROM guarded ORDER BY id"}, f.SQL.State...) {
		for _, row := range exec(t, s, text).rows {
			for _, c := range row {
				b.WriteString(cell(c) + " ")
			}
			b.WriteString("; ")
		}
	}
	return b.String()
}
