package pool_test

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"time"

	"dribble/domain"
	"dribble/engine"
	"dribble/worker"
)

// Every test here is against real servers, and looks into them.

func TestDatabaseStream(t *testing.T) {
	eachServer(t, func(t *testing.T, s *onServer) {
		lease := s.acquire(t)
		begin := time.Now()
		var first time.Duration
		rows, done, err := query(t.Context(), lease, "run", s.rows, func(f worker.Frame) {
			if f.Type == worker.FrameBatch && first == 0 {
				first = time.Since(begin)
			}
		})
		if err != nil || rows != 100_000 || done.Status != domain.RunSuccess {
			t.Errorf("got %d rows, %+v, %v", rows, done, err)
		}
		peak := peakRSS(t, s.status().Pid)
		t.Logf("%s: %d rows in %v, first after %v, worker peak %d MB", s.engine, rows, time.Since(begin).Round(time.Millisecond), first, peak>>20)
		if peak > 64<<20 && !isRace {
			t.Errorf("the worker's memory peaked at %d MB", peak>>20)
		}
		lease.Release()
		s.works(t, replaced)
	})
}

func TestDatabaseCancel(t *testing.T) {
	eachServer(t, func(t *testing.T, s *onServer) {
		for _, text := range []string{s.sleepOne, s.endless} {
			lease := s.acquire(t)
			ended := s.begun(t, lease, text)
			begin := time.Now()
			if err := lease.Client.Cancel(t.Context(), "run"); err != nil {
				t.Fatal(err)
			}
			f := await(t, ended)
			if took := f.at.Sub(begin); f.err != nil || f.done.Status != domain.RunCancelled || took > within(stopped) {
				t.Errorf("got %+v after %v, want cancelled within %v", f, took, within(stopped))
			}
			s.idle(t, begin, stopped)
			lease.Release()
		}
		s.works(t, replaced)
	})
}

// A browser that is gone, or a server that is, leaves nothing running.
func TestDatabaseHangUp(t *testing.T) {
	eachServer(t, func(t *testing.T, s *onServer) {
		lease := s.acquire(t)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		ended := make(chan error, 1)
		go func() {
			_, _, err := query(ctx, lease, "run", s.endless, nil)
			ended <- err
		}()
		eventually(t, soon, "the statement to run in the server", func() bool { return s.counts(t) == 1 })
		begin := time.Now()
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the caller's own cause", err)
		}
		s.idle(t, begin, stopped)
	})
}

// A worker that is killed leaves no statement behind: PostgreSQL misses its client
// within two seconds, MariaDB needs the next worker to tell it.
func TestDatabaseOrphan(t *testing.T) {
	eachServer(t, func(t *testing.T, s *onServer) {
		lease := s.acquire(t)
		ended := s.begun(t, lease, s.sleepOne)
		begin := time.Now()
		s.kill(t, syscall.SIGKILL)
		if f := await(t, ended); !errors.Is(f.err, worker.ErrLost) || f.at.Sub(begin) > within(seen) {
			t.Errorf("got %+v after %v, want ErrLost within %v", f, f.at.Sub(begin), within(seen))
		}
		promise := seen
		if !s.endsIt {
			// The lease is held: a run that was lost with its worker may not
			// keep the next worker from looking for it.
			s.works(t, replaced)
			promise = replaced
		}
		s.idle(t, begin, promise)
		lease.Release()
		s.works(t, replaced)
	})
}

// A worker that is stopped ends its statements in the server first.
func TestDatabaseStop(t *testing.T) {
	eachServer(t, func(t *testing.T, s *onServer) {
		lease := s.acquire(t)
		ended := s.begun(t, lease, s.sleepOne)
		begin := time.Now()
		if err := s.Stop(t.Context(), s.src.ID); err != nil {
			t.Fatal(err)
		}
		if f := await(t, ended); f.err != nil || f.done.Status != domain.RunError {
			t.Errorf("got %+v, want an error that names the worker", f)
		}
		s.idle(t, begin, seen)
		lease.Release()
		s.works(t, replaced)
	})
}

// A changed source gets a new worker, which leaves the old one's run alone.
func TestDatabaseChangedSource(t *testing.T) {
	eachServer(t, func(t *testing.T, s *onServer) {
		old := s.acquire(t)
		ended := s.begun(t, old, s.sleepOne)
		s.src.Revision++
		s.works(t, replaced)
		if n := s.counts(t); n != 1 {
			t.Errorf("%d statements run after the change, want the old one", n)
		}
		if err := old.Client.Cancel(t.Context(), "run"); err != nil {
			t.Fatal(err)
		}
		if f := await(t, ended); f.err != nil || f.done.Status != domain.RunCancelled {
			t.Errorf("got %+v, want cancelled", f)
		}
		old.Release()
	})
}

func TestDatabaseLimits(t *testing.T) {
	eachServer(t, func(t *testing.T, s *onServer) {
		lease := s.acquire(t)
		tests := []struct {
			name, text string
			limits     worker.Limits
			wantRows   int64
			wantEnd    domain.Truncation
			wantCode   string
		}{
			{"rows", s.endless, worker.Limits{Rows: 10_000}, 10_000, domain.TruncatedRows, ""},
			{"as many rows as allowed", threeRows, worker.Limits{Rows: 3}, 3, domain.TruncatedNone, ""},
			{"bytes", "SELECT 'ab' UNION ALL SELECT 'cd' UNION ALL SELECT 'ef'", worker.Limits{Bytes: 5}, 2, domain.TruncatedBytes, ""},
			{"time", s.sleepOne, worker.Limits{Timeout: 300 * time.Millisecond}, 0, domain.TruncatedNone, domain.CodeTimeout},
		}
		for _, tt := range tests {
			begin := time.Now()
			end := limited(t, lease, tt.text, tt.limits)
			var code string
			if end.Error != nil {
				code = end.Error.Code
			}
			if end.Rows != tt.wantRows || end.Truncated != tt.wantEnd || code != tt.wantCode {
				t.Errorf("%s: got %+v, error %v", tt.name, end, end.Error)
			}
			s.idle(t, begin, tt.limits.Timeout+stopped)
		}
		lease.Release()
		s.works(t, replaced)
	})
}

func TestDatabaseSchemaAndTest(t *testing.T) {
	eachServer(t, func(t *testing.T, s *onServer) {
		if _, err := s.db.ExecContext(t.Context(), "CREATE TABLE beans (id int PRIMARY KEY, name text)"); err != nil {
			t.Fatal(err)
		}
		schema, err := s.Schema(t.Context(), s.src, engine.SchemaRequest{Columns: true})
		found := false
		for _, ns := range schema.Schemas {
			for _, table := range ns.Tables {
				found = found || table.Name == "beans"
			}
		}
		if err != nil || !found {
			t.Errorf("got %+v, %v, want the table", schema, err)
		}
		fields := map[string]string{"password": "wrong"}
		for k, v := range s.src.Settings {
			fields[k] = v
		}
		var failed *engine.CheckError
		if _, err := s.Test(t.Context(), s.server.engine, fields, false, func(engine.CheckStep) {}); !errors.As(err, &failed) || failed.Step != engine.StepSignIn {
			t.Errorf("got %v, want a refused password", err)
		}
	})
}
