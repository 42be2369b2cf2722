package serve

import (
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"dribble/domain"
	"dribble/worker"
)

func TestStatementsRunInOrder(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		texts      []string
		keepGoing  bool
		wantStatus domain.RunStatus
		wantEnds   int
		wantCode   string // of the last statement's error
	}{
		{"all well", []string{"rows 3", "nothing", "rows 0"}, false, domain.RunSuccess, 3, ""},
		{"stop at the first error", []string{"rows 3", "fail", "rows 3"}, false, domain.RunError, 2, "42"},
		{"keep going", []string{"fail", "rows 3"}, true, domain.RunError, 2, ""},
		{"a broken connection ends it", []string{"broken", "rows 3"}, true, domain.RunError, 1, domain.CodeConnection},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := started(t, &scripted{}, nil)
			e := exec(worker.Limits{}, tt.texts...)
			e.KeepGoing = tt.keepGoing
			o := b.run(t, e, nil)
			if !errors.Is(o.err, io.EOF) || o.done.Status != tt.wantStatus || len(o.ends) != tt.wantEnds {
				t.Fatalf("got %d ends, %+v, %v, want %d, status %s", len(o.ends), o.done, o.err, tt.wantEnds, tt.wantStatus)
			}
			last := o.ends[len(o.ends)-1].Error
			if code := codeOf(last); code != tt.wantCode {
				t.Errorf("got error %v, want code %q", last, tt.wantCode)
			}
			if last != nil && strings.Contains(last.Error(), "secret-host") {
				t.Errorf("the driver's own words are shown: %v", last)
			}
			if opened, closed := b.engine.opened.Load(), b.engine.closed.Load(); opened != 1 || closed != 1 {
				t.Errorf("got %d sessions opened, %d closed, want one for the run", opened, closed)
			}
		})
	}
}

func codeOf(err *domain.SQLError) string {
	if err == nil {
		return ""
	}
	return err.Code
}

func TestLimits(t *testing.T) {
	t.Parallel()
	writes := func(e worker.Exec) worker.Exec {
		e.Statements[0].Writes = true
		return e
	}
	tests := []struct {
		name          string
		exec          worker.Exec
		wantRows      int64
		wantTruncated domain.Truncation
		wantError     string // part of the message
		wantStopped   int32  // statements ended early in the database
	}{
		{"fewer rows than the limit", exec(worker.Limits{Rows: 10}, "rows 9"), 9, "", "", 0},
		{"as many rows as the limit", exec(worker.Limits{Rows: 10}, "rows 10"), 10, "", "", 0},
		{"one row more", exec(worker.Limits{Rows: 10}, "rows 11"), 10, domain.TruncatedRows, "", 1},
		{"far more rows", exec(worker.Limits{Rows: 10_000}, "rows 100000000"), 10_000, domain.TruncatedRows, "", 1},
		{"exact bytes", exec(worker.Limits{Bytes: 100}, "rows 10"), 10, "", "", 0},
		{"more bytes", exec(worker.Limits{Bytes: 100}, "rows 11"), 10, domain.TruncatedBytes, "", 1},
		{"cell as long as the limit", exec(worker.Limits{Cell: 100}, "wide 100"), 1, "", "", 0},
		{"cell over the limit", exec(worker.Limits{Cell: 100}, "wide 101"), 0, "", "A cell of 101 bytes is longer than 100 bytes", 0},
		{"row over the frame", exec(worker.Limits{}, "wide 17000000"), 0, "", "A row of 17 MB is longer than 16.8 MB", 0},
		{"a large cell", exec(worker.Limits{}, "wide 16000000"), 1, "", "", 0},
		{"a write is not cut", writes(exec(worker.Limits{Rows: 10}, "rows 5000")), 10, domain.TruncatedRows, "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := started(t, &scripted{}, nil)
			o := b.run(t, tt.exec, nil)
			if !errors.Is(o.err, io.EOF) || len(o.ends) != 1 {
				t.Fatalf("got %d ends, %v", len(o.ends), o.err)
			}
			end := o.ends[0]
			if o.rows != tt.wantRows || end.Rows != tt.wantRows || end.Truncated != tt.wantTruncated {
				t.Errorf("got %d rows, end %+v, want %d rows, truncated %q", o.rows, end, tt.wantRows, tt.wantTruncated)
			}
			if tt.wantError == "" && end.Error != nil || tt.wantError != "" && (end.Error == nil || !strings.Contains(end.Error.Message, tt.wantError)) {
				t.Errorf("got error %v, want %q", end.Error, tt.wantError)
			}
			if got := b.engine.stopped.Load(); got != tt.wantStopped {
				t.Errorf("%d statements were stopped in the database, want %d", got, tt.wantStopped)
			}
		})
	}
}

func TestTimeLimit(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"sleep", "lie", "slow 1000 10ms"} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			b := started(t, &scripted{}, nil)
			e := exec(worker.Limits{Timeout: 500 * time.Millisecond}, text, "rows 1")
			e.KeepGoing = true
			o := b.run(t, e, nil)
			if !errors.Is(o.err, io.EOF) || len(o.ends) != 1 || o.done.Status != domain.RunError {
				t.Fatalf("got %d ends, %+v, %v", len(o.ends), o.done, o.err)
			}
			want := "Stopped after 500 ms. That is this source's limit."
			if got := o.ends[0].Error; codeOf(got) != domain.CodeTimeout || got.Message != want {
				t.Errorf("got %v, want %q", got, want)
			}
		})
	}
}

func TestLimitText(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		30 * time.Second: "30 s", 90 * time.Second: "1 min 30 s", time.Hour: "1 h", 250 * time.Millisecond: "250 ms",
		1500 * time.Millisecond: "1.5 s", time.Hour + time.Minute: "1 h 1 min",
	} {
		if got := limitText(d); got != want {
			t.Errorf("got %q for %v, want %q", got, d, want)
		}
	}
}

// The worker's own intent decides the status: a cancelled statement that claims
// success was cancelled all the same.
func TestCancel(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"sleep", "lie", "slow 100000 5ms", "rows 2000000000"} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			b := started(t, &scripted{}, nil)
			var asked time.Time
			o := b.run(t, exec(worker.Limits{}, text, "rows 1"), func(f worker.Frame) {
				isUnderWay := f.Type == worker.FrameBegin && !strings.Contains(text, " ") || f.Type == worker.FrameBatch
				if isUnderWay && asked.IsZero() {
					asked = time.Now()
					if err := b.Cancel(context.Background(), "run"); err != nil {
						t.Errorf("cancel: %v", err)
					}
				}
			})
			if took := time.Since(asked); took > time.Second+margin {
				t.Errorf("cancelled after %v, want at most %v", took, time.Second+margin)
			}
			if !errors.Is(o.err, io.EOF) || o.done.Status != domain.RunCancelled || len(o.ends) != 1 {
				t.Fatalf("got %d ends, %+v, %v", len(o.ends), o.done, o.err)
			}
			end := o.ends[0]
			if codeOf(end.Error) != domain.CodeCancelled || end.Rows != o.rows {
				t.Errorf("got end %+v with %d rows received", end, o.rows)
			}
			if strings.Contains(text, " ") && (o.rows == 0 || end.Truncated != domain.TruncatedCancel) {
				t.Errorf("got %d rows, truncated %q, want the rows kept", o.rows, end.Truncated)
			}
			if err := b.Cancel(t.Context(), "run"); !errors.Is(err, worker.ErrNoRun) {
				t.Errorf("cancel after the end: got %v, want ErrNoRun", err)
			}
		})
	}
}

func TestDisconnectStopsTheStatement(t *testing.T) {
	t.Parallel()
	b := started(t, &scripted{}, nil)
	s, err := b.Exec(t.Context(), exec(worker.Limits{}, "sleep"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Next(); err != nil {
		t.Fatal(err)
	}
	s.Close()
	eventually(t, "the statement to stop", func() bool { return b.engine.stopped.Load() == 1 && b.engine.closed.Load() == 1 })
	eventually(t, "the run to be gone", func() bool {
		h, err := b.Health(t.Context())
		return err == nil && h.Running == 0
	})
}

// A server that takes no more rows must not keep the database busy for ever, and
// can still cancel.
func TestStalledReader(t *testing.T) {
	t.Parallel()
	for name, stall := range map[string]time.Duration{"cancelled": time.Hour, "left alone": 300 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := started(t, &scripted{}, func(o *Options) { o.WriteStall = stall })
			s, err := b.Exec(t.Context(), exec(worker.Limits{}, "rows 2000000000"))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if name == "cancelled" {
				b.stalls(t)
				if err := b.Cancel(t.Context(), "run"); err != nil {
					t.Fatal(err)
				}
			}
			eventually(t, "the statement to stop", func() bool { return b.engine.closed.Load() == 1 })
		})
	}
}

// stalls waits until the engine cannot give more rows, because nobody takes them.
func (b *bench) stalls(t *testing.T) {
	t.Helper()
	before := int64(-1)
	eventually(t, "the connection's buffers to fill", func() bool {
		now := b.engine.sent.Load()
		isFull := now > 0 && now == before
		before = now
		time.Sleep(50 * time.Millisecond)
		return isFull
	})
}

// A row is seen soon though no other comes after it.
func TestSlowRowsAreSeenOneByOne(t *testing.T) {
	t.Parallel()
	b := started(t, &scripted{gate: make(chan struct{}, 1)}, nil)
	asked := time.Now()
	b.engine.gate <- struct{}{}
	o := b.run(t, exec(worker.Limits{}, "gated 4"), func(f worker.Frame) {
		if f.Type != worker.FrameBatch {
			return
		}
		if delay := time.Since(asked); delay > batchDelay+margin {
			t.Errorf("a row was seen %v late, want at most %v", delay, batchDelay+margin)
		}
		asked = time.Now()
		b.engine.gate <- struct{}{}
	})
	if o.rows != 4 || len(o.batches) != 4 {
		t.Errorf("got batches %v, want one for each row", o.batches)
	}
}

// Rows that come fast come in few, large batches with a small first one.
func TestBatching(t *testing.T) {
	t.Parallel()
	b := started(t, &scripted{}, nil)
	o := b.run(t, exec(worker.Limits{}, "rows 100000"), nil)
	if o.rows != 100_000 || o.batches[0] > firstRows {
		t.Errorf("got %d rows, first batch %d, want 100000, at most %d", o.rows, o.batches[0], firstRows)
	}
	// A row is 12 bytes here, so a full batch holds some 5,500: there are 19. An
	// engine kept waiting for its turn lets a batch leave early.
	if len(o.batches) > 60 {
		t.Errorf("100,000 rows came in %d batches", len(o.batches))
	}
}

func TestNoticesAreBounded(t *testing.T) {
	t.Parallel()
	b := started(t, &scripted{}, nil)
	o := b.run(t, exec(worker.Limits{}, "notices 5000"), nil)
	if !errors.Is(o.err, io.EOF) || len(o.notices) != worker.MaxNotices || !strings.HasPrefix(o.notices[worker.MaxNotices-1], "Only the first 199") {
		t.Errorf("got %d notices, %v, want %d, the last one saying so", len(o.notices), o.err, worker.MaxNotices)
	}
}

func TestAnEngineThatPanicsLosesOneRunOnly(t *testing.T) {
	t.Parallel()
	b := started(t, &scripted{}, nil)
	if o := b.run(t, exec(worker.Limits{}, "panic"), nil); !errors.Is(o.err, worker.ErrLost) {
		t.Errorf("got %v, want ErrLost", o.err)
	}
	if o := b.run(t, exec(worker.Limits{}, "rows 1"), nil); o.done.Status != domain.RunSuccess {
		t.Errorf("the next run: got %+v, %v", o.done, o.err)
	}
}

func TestWorkerEndsWhenNobodyCalls(t *testing.T) {
	t.Parallel()
	const idle = 400 * time.Millisecond
	b := bare(t, &scripted{}, func(o *Options) { o.IdleExit = idle })
	begin := time.Now()
	for last := begin; time.Since(begin) < 2*idle; time.Sleep(20 * time.Millisecond) {
		// Calls with the token keep it alive, if they come in time.
		if _, err := b.Health(t.Context()); err != nil && time.Since(last) < idle {
			t.Fatalf("the worker ended though it was called: %v", err)
		}
		last = time.Now()
	}
	select {
	case err := <-b.ended:
		if !errors.Is(err, ErrIdle) {
			t.Errorf("got %v, want ErrIdle", err)
		}
	case <-time.After(soon):
		t.Error("the worker still runs")
	}
}

func TestWorkerEndsOverItsMemory(t *testing.T) {
	t.Parallel()
	b := bare(t, &scripted{}, func(o *Options) { o.MaxRSS = 1 })
	select {
	case err := <-b.ended:
		if !errors.Is(err, ErrMemory) {
			t.Errorf("got %v, want ErrMemory", err)
		}
	case <-time.After(soon):
		t.Error("the worker still runs")
	}
}

func TestStopTellsTheRuns(t *testing.T) {
	t.Parallel()
	b := started(t, &scripted{}, nil)
	o := b.run(t, exec(worker.Limits{}, "sleep", "rows 1"), func(f worker.Frame) {
		if f.Type == worker.FrameBegin {
			b.stop()
		}
	})
	if !errors.Is(o.err, io.EOF) || o.done.Status != domain.RunError || len(o.ends) != 1 || codeOf(o.ends[0].Error) != domain.CodeWorkerLost {
		t.Errorf("got %+v, %+v, %v", o.ends, o.done, o.err)
	}
	if err := <-b.ended; err != nil {
		t.Errorf("got %v from Serve, want nil", err)
	}
}

// A row costs no allocation on its way through the worker.
func TestRowsCostNoAllocation(t *testing.T) {
	b := started(t, &scripted{}, nil)
	const rows = 300_000
	b.run(t, exec(worker.Limits{}, "rows 1000"), nil)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	o := b.run(t, exec(worker.Limits{}, "rows 300000"), nil)
	runtime.ReadMemStats(&after)
	if o.rows != rows {
		t.Fatalf("got %d rows", o.rows)
	}
	perRow := float64(after.Mallocs-before.Mallocs) / rows
	t.Logf("%.4f mallocs a row", perRow)
	if perRow > 0.1 {
		t.Errorf("got %.3f mallocs a row, want at most 0.1", perRow)
	}
}

// Nothing stays behind: neither after runs of every end nor after the worker's own.
func TestNoGoroutineStays(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("worker", func(t *testing.T) {
		b := started(t, &scripted{}, nil)
		for _, text := range []string{"rows 1000", "fail", "slow 3 5ms", "broken", "panic"} {
			b.run(t, exec(worker.Limits{}, text), nil)
		}
		s, err := b.Exec(t.Context(), exec(worker.Limits{}, "rows 2000000000"))
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
	})
	eventually(t, "all goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
}
