package serve

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"dribble/domain"
	"dribble/engine"
	"dribble/result"
)

// scripted is an engine whose statements are small commands, for what no database
// does on demand: rows at given moments, a hang, a lie after a cancel.
type scripted struct {
	opened, closed, swept atomic.Int32
	sweep                 func(ctx context.Context) // runs in KillOrphans
	openErr, sessionErr   error
	gate                  chan struct{} // each value lets a row of "gated" go
	sent                  atomic.Int64  // rows given
	stopped               atomic.Int32  // statements that ended by their context or sink
}

func (*scripted) Spec() engine.Spec { return engine.Spec{Name: "scripted", Title: "Scripted"} }

func (e *scripted) Open(engine.Config) (engine.DB, error) { return scriptedDB{e}, e.openErr }

type scriptedDB struct{ e *scripted }

func (d scriptedDB) Check(ctx context.Context, report func(engine.CheckStep)) (engine.Info, error) {
	report(engine.CheckStep{Name: engine.StepHost, Label: "Reaching the host"})
	report(engine.CheckStep{Name: engine.StepHost, Done: true, OK: true, Label: "Reached the host"})
	if d.e.sessionErr != nil {
		return engine.Info{}, &engine.CheckError{Step: engine.StepSignIn, Title: "Wrong password"}
	}
	return engine.Info{ServerVersion: "Scripted 1"}, nil
}

func (scriptedDB) Ping(context.Context) error { return nil }

func (d scriptedDB) Schema(_ context.Context, req engine.SchemaRequest) (engine.Schema, error) {
	if req.Schema == "missing" {
		return engine.Schema{}, &domain.SQLError{Code: "1", Message: "no such schema"}
	}
	return engine.Schema{Database: "scripted", Schemas: []engine.Namespace{{Name: "main"}}}, nil
}

func (d scriptedDB) Session(ctx context.Context) (engine.Session, error) {
	if d.e.sessionErr != nil {
		return nil, d.e.sessionErr
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	d.e.opened.Add(1)
	return scriptedSession(d), nil
}

func (d scriptedDB) KillOrphans(ctx context.Context) error {
	d.e.swept.Add(1)
	if d.e.sweep != nil {
		d.e.sweep(ctx)
	}
	return nil
}

func (scriptedDB) Close() error { return nil }

type scriptedSession struct{ e *scripted }

func (s scriptedSession) Close() error {
	s.e.closed.Add(1)
	return nil
}

// Exec knows: "rows N", "slow N DELAY", "gated N" (a row for each value of gate), "wide N" (one cell of N bytes), "notices N",
// "sleep", "lie" (sleeps, then claims success), "fail", "broken", "panic", "nothing".
func (s scriptedSession) Exec(ctx context.Context, st engine.Statement, sink engine.Sink) (engine.Outcome, error) {
	var command string
	var n int
	var delay time.Duration
	var unit string
	_, _ = fmt.Sscan(st.Text, &command, &n, &unit)
	delay, _ = time.ParseDuration(unit)
	outcome := engine.Outcome{Affected: -1, Tag: strings.ToUpper(command)}
	switch command {
	case "rows", "slow", "gated":
		return outcome, s.rows(ctx, sink, n, s.pace(command, delay))
	case "wide":
		if err := sink.Columns([]result.Column{{Name: "w"}}); err != nil {
			return outcome, err
		}
		return outcome, sink.Row([][]byte{make([]byte, n)})
	case "notices":
		for i := range n {
			sink.Notice(fmt.Sprint("notice ", i))
		}
	case "sleep", "lie":
		<-ctx.Done()
		s.e.stopped.Add(1)
		if command == "lie" {
			return outcome, nil
		}
		return outcome, context.Cause(ctx)
	case "fail":
		return outcome, &domain.SQLError{Code: "42", Message: "it failed"}
	case "broken":
		return outcome, errors.New("driver: bad connection to secret-host")
	case "panic":
		panic("engine bug")
	}
	return outcome, nil
}

// pace returns what waits until the next row may go.
func (s scriptedSession) pace(command string, delay time.Duration) func(context.Context) {
	switch {
	case command == "gated":
		return func(ctx context.Context) {
			select {
			case <-s.e.gate:
			case <-ctx.Done():
			}
		}
	case delay > 0:
		return func(ctx context.Context) {
			select {
			case <-time.After(delay):
			case <-ctx.Done():
			}
		}
	}
	return func(context.Context) {}
}

func (s scriptedSession) rows(ctx context.Context, sink engine.Sink, n int, wait func(context.Context)) error {
	if err := sink.Columns([]result.Column{{Name: "a"}, {Name: "b"}}); err != nil {
		return err
	}
	cells := [][]byte{[]byte("0123456789"), nil}
	for range n {
		wait(ctx)
		if ctx.Err() != nil {
			s.e.stopped.Add(1)
			return context.Cause(ctx)
		}
		if err := sink.Row(cells); errors.Is(err, engine.ErrStop) {
			s.e.stopped.Add(1)
			return nil
		} else if err != nil {
			s.e.stopped.Add(1)
			return err
		}
		s.e.sent.Add(1)
	}
	return nil
}
