package query

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"dribble/domain"
	"dribble/result"
)

const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"

func at(n int) *int { return &n }

func TestRunStoresRowsOfEveryStatement(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	snap := b.ended(t, Request{SQL: "SELECT id, city FROM orders ORDER BY id; SELECT 1 AS a, 2 AS a WHERE 0;\nUPDATE orders SET total = 1 WHERE id > 1"})
	run := snap.Run
	if run.Status != domain.RunSuccess || len(run.Statements) != 3 {
		t.Fatalf("got %s with %d statements (%v), want success with 3", run.Status, len(run.Statements), run.Error)
	}
	if got, want := strings.Join(b.rows(t, run.ID, 0), " "), "1|Oslo 2|Bergen 3|NULL"; got != want {
		t.Errorf("rows: got %q, want %q", got, want)
	}
	second := snap.Columns[1]
	if len(second) != 2 || second[0].Name != "a" || second[1].Name != "a" || run.Statements[1].RowCount != 0 {
		t.Errorf("duplicate columns of an empty result: got %+v", second)
	}
	if third := run.Statements[2]; third.HasRows || third.Affected != 2 {
		t.Errorf("update: got rows %v, affected %d; want none and 2", third.HasRows, third.Affected)
	}
	stored, err := b.store.Run(t.Context(), b.who, run.ID)
	if err != nil {
		t.Fatal(err)
	}
	if stored.Status != domain.RunSuccess || stored.RowCount != 3 || len(stored.Statements) != 3 || stored.Statements[0].ResultKey == "" {
		t.Errorf("history row: got %+v", stored)
	}
}

func TestErrorsCarryPositionAndStopTheScript(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	script := "SELECT 1;\n  SELECT nope FROM orders; SELECT 2"
	snap := b.ended(t, Request{SQL: script})
	if snap.Run.Status != domain.RunError || len(snap.Run.Statements) != 2 {
		t.Fatalf("got %s after %d statements, want error after 2", snap.Run.Status, len(snap.Run.Statements))
	}
	if e := snap.Run.Error; e == nil || !strings.Contains(e.Message, "nope") {
		t.Fatalf("error: got %+v, want the database's words", e)
	} else if e.Position != nil && !strings.HasPrefix(script[*e.Position:], "nope") {
		t.Errorf("position points at %q", script[*e.Position:])
	}
	going := b.ended(t, Request{SQL: script, KeepGoing: true})
	if len(going.Run.Statements) != 3 || going.Run.Statements[2].Status != domain.RunSuccess {
		t.Errorf("keep going: got %+v", going.Run.Statements)
	}
}

func TestRowLimitIsNamedAndExactResultIsWhole(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	snap := b.ended(t, Request{SQL: endless, MaxRows: 500})
	st := snap.Run.Statements[0]
	if snap.Run.Status != domain.RunSuccess || st.RowCount != 500 || st.Truncated != domain.TruncatedRows {
		t.Errorf("endless: got %s, %d rows, truncated %q", snap.Run.Status, st.RowCount, st.Truncated)
	}
	snap = b.ended(t, Request{SQL: endless + " LIMIT 500", MaxRows: 500})
	if st := snap.Run.Statements[0]; st.RowCount != 500 || st.Truncated != domain.TruncatedNone {
		t.Errorf("exactly the limit: got %d rows, truncated %q", st.RowCount, st.Truncated)
	}
}

func TestCancelStopsTheDatabaseAndKeepsRows(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	run := b.begin(t, Request{SQL: endless, MaxRows: 5_000_000})
	for snap, err := b.Now(t.Context(), b.who, run.ID); ; snap, err = b.Next(t.Context(), b.who, run.ID, snap.Seq) {
		if err != nil || snap.Done() {
			t.Fatalf("ended before the cancel: %v %+v", err, snap.Run.Error)
		}
		if snap.Run.RowCount > 0 {
			break
		}
	}
	start := time.Now()
	if err := b.Cancel(t.Context(), b.who, run.ID); err != nil {
		t.Fatal(err)
	}
	snap := b.end(t, run.ID)
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("cancel took %s", took)
	}
	st := snap.Run.Statements[0]
	if snap.Run.Status != domain.RunCancelled || st.RowCount == 0 || st.Truncated != domain.TruncatedCancel {
		t.Errorf("got %s, %d rows, truncated %q", snap.Run.Status, st.RowCount, st.Truncated)
	}
	if got := int64(len(b.rows(t, run.ID, 0))); got != st.RowCount {
		t.Errorf("stored rows: got %d, announced %d", got, st.RowCount)
	}
	if after := b.ended(t, Request{SQL: "SELECT 1"}); after.Run.Status != domain.RunSuccess {
		t.Errorf("the next run: %+v", after.Run.Error)
	}
}

func TestTimeLimit(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	snap := b.ended(t, Request{SQL: strings.Replace(endless, "SELECT i FROM n", "SELECT count(*) FROM n", 1), Timeout: 200 * time.Millisecond})
	if snap.Run.Status != domain.RunError || snap.Run.Error == nil || snap.Run.Error.Code != domain.CodeTimeout {
		t.Errorf("got %s, %+v; want a timeout", snap.Run.Status, snap.Run.Error)
	}
}

func TestRefusalsBeforeAnyWorker(t *testing.T) {
	t.Parallel()
	readOnly := func(s *domain.Source) { s.ReadOnly = true }
	production := func(s *domain.Source) { s.Production = true }
	none := func(*domain.Source) {}
	tests := []struct {
		name   string
		source func(*domain.Source)
		req    Request
		code   domain.Code
		says   string
	}{
		{"empty", none, Request{SQL: " -- nothing\n"}, domain.Invalid, "nothing to run"},
		{"too large", none, Request{SQL: strings.Repeat("x", 1<<20+1)}, domain.TooLarge, ""},
		{"open quote", none, Request{SQL: "SELECT 'x"}, domain.Invalid, "never closed"},
		{"write on read-only", readOnly, Request{SQL: "SELECT 1; DELETE FROM orders WHERE id = 1"}, domain.Forbidden, "read-only"},
		{"danger", none, Request{SQL: "DELETE FROM orders"}, domain.Conflict, "every row of orders"},
		{"danger on production by yes", production, Request{SQL: "DROP TABLE orders", Confirm: "yes"}, domain.Conflict, "orders"},
		{"missing parameter", none, Request{SQL: "SELECT {{day}}"}, domain.Invalid, "day"},
		{"row limit", none, Request{SQL: "SELECT 1", MaxRows: 1 << 30}, domain.Invalid, "row limit"},
		{"selection outside", none, Request{SQL: "SELECT 1", From: at(3), To: at(99)}, domain.Invalid, "outside"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t, tt.source)
			tt.req.SourceID = b.source.ID
			_, err := b.Start(t.Context(), b.who, tt.req)
			var public *domain.Error
			if !errors.As(err, &public) || public.Code != tt.code || !strings.Contains(public.Message, tt.says) {
				t.Errorf("got %v, want %s with %q", err, tt.code, tt.says)
			}
			if n := b.workers.acquired.Load(); n != 0 {
				t.Errorf("a worker was asked %d times", n)
			}
		})
	}
}

func TestConfirmedDangerRuns(t *testing.T) {
	t.Parallel()
	b := newBed(t, func(s *domain.Source) { s.Production = true })
	snap := b.ended(t, Request{SQL: "DELETE FROM orders", Confirm: "shop"})
	if st := snap.Run.Statements[0]; snap.Run.Status != domain.RunSuccess || st.Affected != 3 {
		t.Errorf("got %s, affected %d", snap.Run.Status, st.Affected)
	}
}

func TestSelectionAndCaret(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	script := "SELECT 1;\nSELECT 2;\nSELECT broken"
	tests := []struct{ from, to, want int }{{10, 10, 2}, {0, 8, 1}, {3, 3, 1}}
	for _, tt := range tests {
		snap := b.ended(t, Request{SQL: script, From: at(tt.from), To: at(tt.to)})
		if got := strings.Join(b.rows(t, snap.Run.ID, 0), ""); got != fmt.Sprint(tt.want) {
			t.Errorf("from %d to %d: got %q, want %d", tt.from, tt.to, got, tt.want)
		}
	}
	snap := b.ended(t, Request{SQL: script, From: at(25), To: at(25)})
	if snap.Run.SQL != "SELECT broken" || snap.Base != 20 {
		t.Errorf("failed statement: got %q at %d, want it at 20", snap.Run.SQL, snap.Base)
	}
}

func TestParametersAreBoundNotPasted(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	hostile := "x' OR 1=1; --"
	snap := b.ended(t, Request{SQL: "SELECT {{v}} AS v, '{{v}}' AS text", Params: map[string]string{"v": hostile}})
	if got, want := b.rows(t, snap.Run.ID, 0)[0], hostile+"|{{v}}"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestVersionsComeWithRuns(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	q, err := b.store.CreateQuery(t.Context(), b.who, domain.Query{Name: "q", SQL: "SELECT 1", SourceID: b.source.ID}, domain.TriggerManual)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"SELECT 1", "SELECT 2", "SELECT 2"} {
		b.ended(t, Request{QueryID: q.ID, SQL: text, SaveVersion: true})
	}
	versions, err := b.store.Versions(t.Context(), b.who, q.ID)
	if err != nil || len(versions) != 2 || versions[0].SQL != "SELECT 2" || versions[0].Trigger != domain.TriggerRun {
		t.Errorf("versions: got %+v, %v; want two, the newest by run", versions, err)
	}
}

func TestLostWorker(t *testing.T) {
	t.Parallel()
	t.Run("with rows: kept, and said", func(t *testing.T) {
		t.Parallel()
		b := newBed(t)
		run := b.begin(t, Request{SQL: endless, MaxRows: 5_000_000})
		waitFor(t, b, run.ID, func(s Snapshot) bool { return s.Run.RowCount > 0 })
		b.workers.kill()
		snap := b.end(t, run.ID)
		if snap.Run.Status != domain.RunError || snap.Run.Error.Code != domain.CodeWorkerLost {
			t.Fatalf("got %s, %+v", snap.Run.Status, snap.Run.Error)
		}
		if got := int64(len(b.rows(t, run.ID, 0))); got == 0 || got != snap.Run.RowCount {
			t.Errorf("rows kept: %d of %d announced", got, snap.Run.RowCount)
		}
		if next := b.ended(t, Request{SQL: "SELECT 1"}); next.Run.Status != domain.RunSuccess {
			t.Errorf("the next run: %+v", next.Run.Error)
		}
	})
	slow := "SELECT count(*) FROM (" + endless + " LIMIT 1000000)"
	t.Run("a read without rows is sent once more", func(t *testing.T) {
		t.Parallel()
		b := newBed(t)
		run := b.begin(t, Request{SQL: slow})
		waitFor(t, b, run.ID, func(s Snapshot) bool { return len(s.Run.Statements) > 0 })
		b.workers.kill()
		snap := b.end(t, run.ID)
		if snap.Run.Status != domain.RunSuccess || b.workers.acquired.Load() != 2 {
			t.Errorf("got %s after %d tries, %+v", snap.Run.Status, b.workers.acquired.Load(), snap.Run.Error)
		}
	})
	t.Run("a write is never sent twice", func(t *testing.T) {
		t.Parallel()
		b := newBed(t)
		run := b.begin(t, Request{SQL: "UPDATE orders SET total = (" + slow + ") WHERE id = 1"})
		waitFor(t, b, run.ID, func(s Snapshot) bool { return len(s.Run.Statements) > 0 })
		b.workers.kill()
		snap := b.end(t, run.ID)
		if snap.Run.Status != domain.RunError || snap.Run.Error.Code != domain.CodeWorkerLost || b.workers.acquired.Load() != 1 {
			t.Errorf("got %s after %d tries, %+v", snap.Run.Status, b.workers.acquired.Load(), snap.Run.Error)
		}
	})
}

func waitFor(t *testing.T, b *bed, id string, ready func(Snapshot) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var seen int64 = -1
	for {
		snap, err := b.Next(ctx, b.who, id, seen)
		if err != nil || snap.Done() {
			t.Fatalf("run ended or hung before it was ready: %v, %+v", err, snap.Run.Error)
		}
		if ready(snap) {
			return
		}
		seen = snap.Seq
	}
}

func TestCacheAnswersWithinItsTimeOnly(t *testing.T) {
	t.Parallel()
	b := newBed(t, func(s *domain.Source) { s.CacheTTL = time.Minute })
	first := b.ended(t, Request{SQL: "SELECT 1"})
	second := b.ended(t, Request{SQL: "SELECT 1"})
	if second.Run.CachedFrom != first.Run.ID || len(b.rows(t, second.Run.ID, 0)) != 1 {
		t.Errorf("second run: cached from %q, want %q", second.Run.CachedFrom, first.Run.ID)
	}
	if fresh := b.ended(t, Request{SQL: "SELECT 1", Refresh: true}); fresh.Run.CachedFrom != "" {
		t.Error("refresh was answered from the cache")
	}
	b.ended(t, Request{SQL: "UPDATE orders SET total = 1 WHERE id = 1"})
	if n := b.workers.acquired.Load(); n != 3 {
		t.Errorf("workers asked %d times, want 3", n)
	}
}

func TestShutdownStoresWhatRan(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	run := b.begin(t, Request{SQL: endless, MaxRows: 5_000_000})
	waitFor(t, b, run.ID, func(s Snapshot) bool { return s.Run.RowCount > 0 })
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := b.Shutdown(ctx); err != nil {
		t.Fatal(err)
	}
	stored, err := b.store.Run(t.Context(), b.who, run.ID)
	if err != nil || stored.Status != domain.RunCancelled || stored.RowCount == 0 || !strings.Contains(stored.Error.Message, "Dribble was stopped") {
		t.Errorf("got %+v, %v", stored, err)
	}
	_, err = b.Start(t.Context(), b.who, Request{SourceID: b.source.ID, SQL: "SELECT 1"})
	if domain.CodeOf(err) != domain.Unavailable {
		t.Errorf("a run after shutdown: %v", err)
	}
}

func TestRecoverInterruptsWhatACrashLeft(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	run, err := b.store.CreateRun(t.Context(), b.who, domain.NewRun{SourceID: b.source.ID, SQL: "SELECT 1", Trigger: domain.TriggerAPI})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	snap := b.end(t, run.ID)
	if snap.Run.Status != domain.RunInterrupted {
		t.Errorf("got %s", snap.Run.Status)
	}
}

type collector struct {
	columns []result.Column
	rows    int
	fail    error
}

func (c *collector) Columns(cols []result.Column) error { c.columns = cols; return nil }
func (c *collector) Row([][]byte) error                 { c.rows++; return c.fail }
func (c *collector) Flush() error                       { return nil }
func (c *collector) Abort()                             {}

func TestStream(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	req := Request{SourceID: b.source.ID, SQL: endless + " LIMIT 20000", Trigger: domain.TriggerAPI}
	var all collector
	run, err := b.Stream(t.Context(), b.who, req, &all)
	if err != nil || all.rows != 20_000 || len(all.columns) != 1 || run.RowCount != 20_000 {
		t.Errorf("got %d rows, %v", all.rows, err)
	}
	req.SQL = "SELECT 1; SELECT 2"
	if _, err := b.Stream(t.Context(), b.who, req, &all); domain.CodeOf(err) != domain.Invalid {
		t.Errorf("two statements: %v", err)
	}
	req.SQL = "SELECT nope"
	var failed *domain.SQLError
	if _, err := b.Stream(t.Context(), b.who, req, &all); !errors.As(err, &failed) {
		t.Errorf("a statement's error: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	req.SQL = endless
	time.AfterFunc(100*time.Millisecond, cancel)
	if run, err := b.Stream(ctx, b.who, req, &all); err == nil || run.Status != domain.RunCancelled {
		t.Errorf("client gone: got %s, %v", run.Status, err)
	}
}
