package enginetest

import (
	"testing"

	"dribble/engine"
)

func sessionCases() []kase {
	return []kase{
		{"a temporary table lives as long as its session", temporaryTable},
		{"an open transaction is rolled back with its session", openTransaction},
		{"a failed transaction does not outlive its session", failedLeftOpen},
		{"settings do not outlive their session", settings},
		{"two sessions work side by side", sideBySide},
		{"a closed session refuses to work and closes twice", closedSession},
	}
}

// inSession runs work in a session of its own.
func inSession(t *testing.T, db engine.DB, work func(s engine.Session)) {
	t.Helper()
	s, err := db.Session(t.Context())
	if err != nil {
		t.Fatalf("session: %v", err)
	}
	work(s)
	if err := s.Close(); err != nil {
		t.Errorf("close session: %v", err)
	}
}

// one opens the database with a single connection, so that sessions follow one
// another on it.
func one(t *testing.T, f Fixture) engine.DB {
	t.Helper()
	db, _ := open(t, f, func(c *engine.Config) { c.MaxConns = 1 })
	return db
}

func temporaryTable(t *testing.T, f Fixture) {
	db := one(t, f)
	inSession(t, db, func(s engine.Session) {
		execAll(t, s, "CREATE TEMPORARY TABLE scratch (n INTEGER)", "INSERT INTO scratch VALUES (5)")
		if got := value(t, s, "SELECT n FROM scratch"); got != "5" {
			t.Errorf("in its session: got %s, want 5", got)
		}
	})
	inSession(t, db, func(s engine.Session) {
		if e := sqlError(t, s, "SELECT n FROM scratch"); e.Code != f.SQL.MissingTable {
			t.Errorf("in the next session: got %q %q, want a missing table", e.Code, e.Message)
		}
	})
}

func openTransaction(t *testing.T, f Fixture) {
	db := one(t, f)
	inSession(t, db, func(s engine.Session) {
		execAll(t, s, "CREATE TABLE open_transaction (n INTEGER)", begin(f), "INSERT INTO open_transaction VALUES (1)")
		if got := value(t, s, "SELECT count(*) FROM open_transaction"); got != "1" {
			t.Errorf("inside: got %s rows, want 1", got)
		}
	})
	inSession(t, db, func(s engine.Session) {
		if got := value(t, s, "SELECT count(*) FROM open_transaction"); got != "0" {
			t.Errorf("after: got %s rows, want 0", got)
		}
		exec(t, s, "DROP TABLE open_transaction")
	})
}

func failedLeftOpen(t *testing.T, f Fixture) {
	db := one(t, f)
	inSession(t, db, func(s engine.Session) {
		exec(t, s, begin(f))
		sqlError(t, s, "SELECT * FROM there_is_no_such_table")
	})
	inSession(t, db, func(s engine.Session) { mustWork(t, s) })
}

func settings(t *testing.T, f Fixture) {
	if f.SQL.SetState == "" {
		t.Skip("the database has no settings of a session")
	}
	db := one(t, f)
	inSession(t, db, func(s engine.Session) {
		exec(t, s, f.SQL.SetState)
		if got := value(t, s, f.SQL.ShowState); got != f.SQL.Changed {
			t.Errorf("in its session: got %q, want %q", got, f.SQL.Changed)
		}
	})
	inSession(t, db, func(s engine.Session) {
		if got := value(t, s, f.SQL.ShowState); got != f.SQL.Fresh {
			t.Errorf("in the next session: got %q, want %q", got, f.SQL.Fresh)
		}
	})
}

func sideBySide(t *testing.T, f Fixture) {
	db, _ := open(t, f, nil)
	a, b := sessionOf(t, db), sessionOf(t, db)
	ended := make(chan int, 1)
	started := make(chan struct{})
	go func() {
		defer close(ended)
		r := &recorder{noCopies: true, stopAt: 200_000, onRow: func(row int) {
			if row == 1 {
				close(started)
			}
		}}
		if _, err := a.Exec(bounded(t), statement(f.SQL.Endless), r); err != nil {
			t.Errorf("first session: %v", err)
		}
		ended <- r.count
	}()
	<-started
	for range 5 {
		mustWork(t, b)
	}
	if got := <-ended; got != 200_000 {
		t.Errorf("first session: got %d rows, want 200000", got)
	}
}

func closedSession(t *testing.T, f Fixture) {
	db, _ := open(t, f, nil)
	s, err := db.Session(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	if _, err := s.Exec(bounded(t), statement("SELECT 1"), &recorder{}); err == nil {
		t.Error("a closed session ran a statement")
	}
	// Closing twice must not have freed a second place.
	a, b := sessionOf(t, db), sessionOf(t, db)
	mustWork(t, a)
	mustWork(t, b)
}
