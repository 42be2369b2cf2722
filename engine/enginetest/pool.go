package enginetest

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"dribble/engine"
)

func poolCases() []kase {
	return []kase{
		{"a full pool waits and a context ends the wait", fullPool},
		{"a freed session goes to who waits", freedSession},
		{"a killed backend is a connection error and the next session works", killedBackend},
		{"a backend killed while idle is replaced", killedIdle},
		{"closing the database ends what runs", closeWhileRunning},
		{"ping and orphan hunt", ping},
		{"bad fields are refused before connecting", badFields},
		{"nothing is left running after close", noLeaks},
	}
}

func fullPool(t *testing.T, f Fixture) {
	db, _ := open(t, f, nil)
	sessionOf(t, db)
	sessionOf(t, db)
	ctx, cancel := context.WithTimeoutCause(bounded(t), 100*time.Millisecond, errAsked)
	defer cancel()
	within(t, stopBound, "waiting for a session", func() {
		if _, err := db.Session(ctx); !errors.Is(err, errAsked) {
			t.Errorf("got error %v, want the context's cause", err)
		}
	})
}

func freedSession(t *testing.T, f Fixture) {
	db := one(t, f)
	first, err := db.Session(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan error, 1)
	go func() {
		s, err := db.Session(t.Context())
		if err == nil {
			err = s.Close()
		}
		got <- err
	}()
	time.Sleep(50 * time.Millisecond)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-got:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Error("who waits did not get the freed session")
	}
}

func killedBackend(t *testing.T, f Fixture) {
	if f.Kill == nil {
		t.Skip("there is no server to kill")
	}
	db, app := open(t, f, func(c *engine.Config) { c.MaxConns = 1 })
	s, err := db.Session(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	mustWork(t, s)
	kill := time.AfterFunc(150*time.Millisecond, func() { f.Kill(t, app) })
	defer kill.Stop()
	within(t, 3*time.Second, "noticing the lost connection", func() {
		_, err = s.Exec(bounded(t), statement(f.SQL.Slow), &recorder{})
	})
	if e := asSQLError(err); e == nil || e.Code != codeConnection {
		t.Errorf("got error %v, want a *domain.SQLError with code %q", err, codeConnection)
	}
	if _, err := s.Exec(bounded(t), statement("SELECT 1"), &recorder{}); asSQLError(err) == nil {
		t.Errorf("a lost session: got error %v, want a *domain.SQLError", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("close a lost session: %v", err)
	}
	mustWork(t, sessionOf(t, db))
}

func killedIdle(t *testing.T, f Fixture) {
	if f.Kill == nil {
		t.Skip("there is no server to kill")
	}
	db, app := open(t, f, func(c *engine.Config) { c.MaxConns = 1 })
	inSession(t, db, func(s engine.Session) { mustWork(t, s) })
	f.Kill(t, app)
	time.Sleep(50 * time.Millisecond)
	inSession(t, db, func(s engine.Session) { mustWork(t, s) })
	if err := db.Ping(t.Context()); err != nil {
		t.Errorf("ping: %v", err)
	}
}

func closeWhileRunning(t *testing.T, f Fixture) {
	db, app := open(t, f, nil)
	s, err := db.Session(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := s.Exec(bounded(t), statement(f.SQL.Slow), &recorder{})
		ended <- err
	}()
	time.Sleep(200 * time.Millisecond)
	within(t, 3*time.Second, "closing the database", func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	select {
	case err := <-ended:
		if err == nil {
			t.Error("the statement that was cut short gave no error")
		}
	case <-time.After(3 * time.Second):
		t.Fatal("the statement goes on after the database was closed")
	}
	gone(t, f, app)
	if err := s.Close(); err != nil {
		t.Errorf("close session: %v", err)
	}
	if _, err := db.Session(t.Context()); err == nil {
		t.Error("a closed database gave a session")
	}
}

func ping(t *testing.T, f Fixture) {
	db, _ := open(t, f, nil)
	for range 3 {
		if err := db.Ping(t.Context()); err != nil {
			t.Errorf("ping: %v", err)
		}
	}
	if err := db.KillOrphans(t.Context()); err != nil {
		t.Errorf("kill orphans: %v", err)
	}
	mustWork(t, sessionOf(t, db))
}

func badFields(t *testing.T, f Fixture) {
	for name, fields := range map[string]map[string]string{
		"nothing":       {},
		"unknown field": with(f.Fields, map[string]string{"dsn": "x"}),
		"control byte":  with(f.Fields, map[string]string{f.Engine.Spec().Fields[0].Name: "a\x00b"}),
	} {
		if db, err := f.Engine.Open(engine.Config{Fields: fields, MaxConns: 1, AppName: "bad"}); err == nil {
			t.Errorf("%s: opened", name)
			_ = db.Close()
		}
	}
}

func noLeaks(t *testing.T, f Fixture) {
	settle := func() int {
		runtime.GC()
		time.Sleep(50 * time.Millisecond)
		return runtime.NumGoroutine()
	}
	use := func() {
		db, err := f.Engine.Open(engine.Config{Fields: f.Fields, MaxConns: 2, AppName: appNameOf(t)})
		if err != nil {
			t.Fatal(err)
		}
		inSession(t, db, func(s engine.Session) {
			mustWork(t, s)
			exec := &recorder{noCopies: true, stopAt: 10}
			if _, err := s.Exec(bounded(t), statement(f.SQL.Endless), exec); err != nil {
				t.Error(err)
			}
		})
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
	use()
	before := settle()
	for range 5 {
		use()
	}
	after := settle()
	for range 20 {
		if after <= before {
			return
		}
		after = settle()
	}
	t.Errorf("%d goroutines before, %d after five uses", before, after)
}

// with is fields with some changed.
func with(fields, change map[string]string) map[string]string {
	out := make(map[string]string, len(fields)+len(change))
	for k, v := range fields {
		out[k] = v
	}
	for k, v := range change {
		out[k] = v
	}
	return out
}
