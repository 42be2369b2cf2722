package enginetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"dribble/engine"
)

// stopBound is how long a cancelled statement may go on, in the caller's eyes
// and in the server's process list.
const stopBound = time.Second

// errAsked is the reason given for a cancel; Exec must hand it back.
var errAsked = errors.New("somebody pressed cancel")

func cancelCases() []kase {
	return []kase{
		{"cancel a waiting statement at once and later", cancelWaiting},
		{"cancel a computing statement at once and later", cancelBusy},
		{"cancel while rows come", cancelStreaming},
		{"a deadline ends a statement", deadline},
		{"a context that has ended starts nothing", endedContext},
		{"a sink that has enough ends an endless statement", sinkEnough},
		{"a sink's own error comes back", sinkError},
		{"a sink that refuses the columns", sinkRefuses},
		{"a cancel never hits the next statement", cancelStray},
		{"a cancelled write is not half done", cancelWrite},
	}
}

func cancelWaiting(t *testing.T, f Fixture) { cancelAfterDelays(t, f, f.SQL.Slow) }

func cancelBusy(t *testing.T, f Fixture) {
	if f.SQL.Busy == "" {
		t.Skip("the same as a waiting statement")
	}
	cancelAfterDelays(t, f, f.SQL.Busy)
}

func cancelAfterDelays(t *testing.T, f Fixture, text string) {
	db, app := open(t, f, nil)
	s := sessionOf(t, db)
	for _, delay := range []time.Duration{1, 5, 20, 50, 300} {
		delay *= time.Millisecond
		ctx, cancel := context.WithCancelCause(bounded(t))
		time.AfterFunc(delay, func() { cancel(errAsked) })
		within(t, delay+stopBound, fmt.Sprintf("cancel after %v", delay), func() {
			_, err := s.Exec(ctx, engine.Statement{Text: text, Tag: "suite"}, &recorder{})
			if !errors.Is(err, errAsked) {
				t.Errorf("cancel after %v: got error %v, want the context's cause", delay, err)
			}
		})
		cancel(nil)
		gone(t, f, app)
		mustWork(t, s)
	}
}

// gone waits until nothing of app runs in the server any more.
func gone(t *testing.T, f Fixture, app string) {
	t.Helper()
	if f.Running == nil {
		return
	}
	limit := time.Now().Add(stopBound)
	for f.Running(t, app) > 0 {
		if time.Now().After(limit) {
			t.Errorf("still in the server's process list after %v", stopBound)
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func cancelStreaming(t *testing.T, f Fixture) {
	db, app := open(t, f, nil)
	s := sessionOf(t, db)
	ctx, cancel := context.WithCancelCause(bounded(t))
	r := &recorder{noCopies: true, onRow: func(row int) {
		if row == 5000 {
			cancel(errAsked)
		}
	}}
	within(t, 2*stopBound, "cancel in the middle of rows", func() {
		if _, err := s.Exec(ctx, statement(f.SQL.Endless), r); !errors.Is(err, errAsked) {
			t.Errorf("got error %v, want the context's cause", err)
		}
	})
	gone(t, f, app)
	mustWork(t, s)
}

func deadline(t *testing.T, f Fixture) {
	db, app := open(t, f, nil)
	s := sessionOf(t, db)
	ctx, cancel := context.WithTimeoutCause(bounded(t), 200*time.Millisecond, errAsked)
	defer cancel()
	took := within(t, 200*time.Millisecond+stopBound, "a deadline of 200 ms", func() {
		if _, err := s.Exec(ctx, statement(f.SQL.Slow), &recorder{}); !errors.Is(err, errAsked) {
			t.Errorf("got error %v, want the deadline's cause", err)
		}
	})
	if took < 150*time.Millisecond {
		t.Errorf("ended after %v, before the deadline", took)
	}
	gone(t, f, app)
	mustWork(t, s)
}

func endedContext(t *testing.T, f Fixture) {
	s := session(t, f)
	ctx, cancel := context.WithCancelCause(bounded(t))
	cancel(errAsked)
	exec(t, s, "CREATE TABLE ended_context (id INTEGER)")
	if _, err := s.Exec(ctx, statement("INSERT INTO ended_context VALUES (1)"), &recorder{}); !errors.Is(err, errAsked) {
		t.Errorf("got error %v, want the context's cause", err)
	}
	if got := value(t, s, "SELECT count(*) FROM ended_context"); got != "0" {
		t.Errorf("got %s rows, want 0", got)
	}
	exec(t, s, "DROP TABLE ended_context")
}

func sinkEnough(t *testing.T, f Fixture) {
	db, app := open(t, f, nil)
	s := sessionOf(t, db)
	for range 3 {
		r := &recorder{noCopies: true, stopAt: 10_000}
		within(t, 1500*time.Millisecond, "stop after 10,000 rows", func() {
			if _, err := s.Exec(bounded(t), statement(f.SQL.Endless), r); err != nil {
				t.Errorf("got error %v, want nil", err)
			}
		})
		if r.count != 10_000 {
			t.Errorf("got %d rows, want 10000", r.count)
		}
		gone(t, f, app)
		mustWork(t, s)
	}
}

func sinkError(t *testing.T, f Fixture) {
	s := session(t, f)
	full := errors.New("disk full")
	r := &recorder{noCopies: true, stopAt: 3, stopErr: full}
	if _, err := s.Exec(bounded(t), statement(f.SQL.Endless), r); !errors.Is(err, full) {
		t.Errorf("got error %v, want the sink's", err)
	}
	if r.count != 3 {
		t.Errorf("the sink got %d rows, want 3", r.count)
	}
	mustWork(t, s)
}

func sinkRefuses(t *testing.T, f Fixture) {
	s := session(t, f)
	refused := errors.New("too many columns")
	r := &recorder{colErr: refused}
	if _, err := s.Exec(bounded(t), statement(f.SQL.Series(1000)), r); !errors.Is(err, refused) {
		t.Errorf("got error %v, want the sink's", err)
	}
	if r.count != 0 {
		t.Errorf("the sink got %d rows after refusing the columns", r.count)
	}
	mustWork(t, s)
}

// cancelStray cancels statements at the moment they end, many times, and looks
// whether the next one suffers.
func cancelStray(t *testing.T, f Fixture) {
	s := session(t, f)
	for i := range 40 {
		ctx, cancel := context.WithCancelCause(bounded(t))
		timer := time.AfterFunc(time.Duration(i)*50*time.Microsecond, func() { cancel(errAsked) })
		_, err := s.Exec(ctx, statement("SELECT 1"), &recorder{})
		if err != nil && !errors.Is(err, errAsked) {
			t.Fatalf("got error %v, want nil or the context's cause", err)
		}
		mustWork(t, s)
		timer.Stop()
		cancel(nil)
	}
}

func cancelWrite(t *testing.T, f Fixture) {
	s := session(t, f)
	exec(t, s, "CREATE TABLE cancel_write (n BIGINT)")
	ctx, cancel := context.WithTimeoutCause(bounded(t), 100*time.Millisecond, errAsked)
	defer cancel()
	_, err := s.Exec(ctx, statement("INSERT INTO cancel_write SELECT n FROM ("+f.SQL.Endless+") AS e"), &recorder{})
	if !errors.Is(err, errAsked) {
		t.Errorf("got error %v, want the context's cause", err)
	}
	if got := value(t, s, "SELECT count(*) FROM cancel_write"); got != "0" {
		t.Errorf("got %s rows, want 0", got)
	}
	exec(t, s, "DROP TABLE cancel_write")
}
