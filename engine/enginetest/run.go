package enginetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"dribble/engine"
)

// kase is one case of the suite.
type kase struct {
	name string
	run  func(t *testing.T, f Fixture)
}

// Run runs every case against the engine. Cases run one after another, because
// some of them measure time.
func Run(t *testing.T, f Fixture) {
	t.Helper()
	passed, skipped, total := 0, []string{}, 0
	for _, group := range [][]kase{
		resultCases(), valueCases(), errorCases(), sessionCases(), cancelCases(), poolCases(),
		readOnlyCases(), schemaCases(), checkCases(),
	} {
		for _, k := range group {
			total++
			t.Run(k.name, func(t *testing.T) {
				defer func() {
					if t.Skipped() {
						skipped = append(skipped, k.name)
					} else if !t.Failed() {
						passed++
					}
				}()
				k.run(t, f)
			})
		}
	}
	fmt.Printf("%s: engine cases passed: %d of %d", f.Engine.Spec().Name, passed, total)
	if len(skipped) > 0 {
		fmt.Printf(" (not applicable: %s)", strings.Join(skipped, ", "))
	}
	fmt.Println()
}

// open opens the fixture's database. Each test has its own name in the server's
// process list.
func open(t *testing.T, f Fixture, change func(*engine.Config)) (db engine.DB, appName string) {
	t.Helper()
	cfg := engine.Config{Fields: f.Fields, MaxConns: 2, AppName: appNameOf(t)}
	if change != nil {
		change(&cfg)
	}
	db, err := f.Engine.Open(cfg)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close database: %v", err)
		}
	})
	return db, cfg.AppName
}

func appNameOf(t *testing.T) string {
	name := t.Name()[strings.LastIndexByte(t.Name(), '/')+1:]
	return fmt.Sprintf("dt %.40s %d", name, time.Now().UnixNano()%1e9)
}

// session opens the database and one session of it, both closed at the end.
func session(t *testing.T, f Fixture) engine.Session {
	t.Helper()
	db, _ := open(t, f, nil)
	return sessionOf(t, db)
}

func sessionOf(t *testing.T, db engine.DB) engine.Session {
	t.Helper()
	s, err := db.Session(t.Context())
	if err != nil {
		t.Fatalf("session: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close session: %v", err)
		}
	})
	return s
}

// within fails the test if work takes longer than the bound, and returns the
// time it took.
func within(t *testing.T, bound time.Duration, what string, work func()) time.Duration {
	t.Helper()
	began := time.Now()
	work()
	took := time.Since(began)
	if took > bound {
		t.Errorf("%s took %v, want at most %v", what, took.Round(time.Millisecond), bound)
	}
	return took
}

// bounded is the test's context, ended after a minute so that a statement which
// never ends fails its own case and not the whole run.
func bounded(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errors.New("the suite waited a minute"))
	t.Cleanup(cancel)
	return ctx
}
