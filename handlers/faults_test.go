package handlers_test

import (
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// workerPid is the process of a source's worker.
func (b *bed) workerPid(t *testing.T, source string) int {
	t.Helper()
	list, err := b.launcher.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range list {
		if w.SourceID == source {
			return w.Pid
		}
	}
	t.Fatalf("source %s has no worker among %d", source, len(list))
	return 0
}

func kill(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// TestKilledWorkerIsSeenAndReplaced kills workers in the middle of a statement.
func TestKilledWorkerIsSeenAndReplaced(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	pg, server := b.postgres(t)
	eye := pgWatch(t, server)
	b.succeeded(t, pg, "CREATE TABLE log (n int)")

	t.Run("write", func(t *testing.T) {
		id := b.start(t, pg, "INSERT INTO log SELECT 1 FROM pg_sleep(30)")
		eventually(t, 5*time.Second, "the statement is active", func() bool { return eye.active(t) == 1 })
		start := time.Now()
		kill(t, b.workerPid(t, pg))
		r := b.end(t, id)
		took := time.Since(start)
		t.Logf("error of a write visible %v after kill -9", took)
		if r.Status != "error" || r.Error == nil || r.Error.Code != "worker_lost" || took > 2*time.Second {
			t.Errorf("got %s %+v after %v", r.Status, r.Error, took)
		}
		gone := eventually(t, 5*time.Second, "the backend of the killed worker ends", func() bool { return eye.active(t) == 0 })
		start = time.Now()
		next := b.succeeded(t, pg, "SELECT count(*) FROM log")
		t.Logf("orphan gone after %v, next run done after %v", gone, time.Since(start))
		if b.rows(t, next.ID, "").String() != "0" {
			t.Error("the write was sent again")
		}
	})
	t.Run("read with rows", func(t *testing.T) {
		id := b.start(t, pg, "SELECT g, repeat('x', 9000), pg_sleep(0.05) FROM generate_series(1, 1000) g")
		eventually(t, 5*time.Second, "rows arrive", func() bool {
			var r run
			b.get(t, "/api/v1/runs/"+id, &r)
			return r.RowCount > 0
		})
		start := time.Now()
		kill(t, b.workerPid(t, pg))
		r := b.end(t, id)
		t.Logf("error of a read visible %v after kill -9, %d rows kept", time.Since(start), r.RowCount)
		if r.Status != "error" || r.Error == nil || r.Error.Code != "worker_lost" || r.RowCount == 0 || time.Since(start) > 2*time.Second {
			t.Errorf("got %s %+v with %d rows after %v", r.Status, r.Error, r.RowCount, time.Since(start))
		}
		if w := b.rows(t, id, "limit=1"); w.RowCount != r.RowCount || !strings.HasPrefix(w.String(), "1|xxx") {
			t.Errorf("rows kept: got %d, want %d", w.RowCount, r.RowCount)
		}
	})
	t.Run("read before its first row", func(t *testing.T) {
		eventually(t, 5*time.Second, "the orphan of the last case ends", func() bool { return eye.active(t) == 0 })
		id := b.start(t, pg, "SELECT pg_sleep(1.5)")
		eventually(t, 5*time.Second, "the statement is active", func() bool { return eye.active(t) == 1 })
		kill(t, b.workerPid(t, pg))
		if r := b.end(t, id); r.Status != "success" || r.RowCount != 1 {
			t.Errorf("a read that showed nothing yet is sent once more: got %s %+v", r.Status, r.Error)
		}
	})
	t.Run("streamed", func(t *testing.T) {
		res := b.open(t, request{method: http.MethodPost, path: "/api/v1/query", body: object{
			"source_id": pg, "sql": "SELECT g, repeat('x', 9000), pg_sleep(0.05) FROM generate_series(1, 1000) g",
		}})
		if _, err := io.CopyN(io.Discard, res.Body, 20_000); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		kill(t, b.workerPid(t, pg))
		if _, err := io.Copy(io.Discard, res.Body); err == nil || time.Since(start) > 2*time.Second {
			t.Errorf("half a file looks whole (%v) or ends late, after %v", err, time.Since(start))
		}
	})
	b.succeeded(t, pg, "SELECT 1")
}

// TestIdleWorkerKilled kills a worker that has nothing to do: nobody notices.
func TestIdleWorkerKilled(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src := b.shop(t)
	for range 3 {
		b.succeeded(t, src, "SELECT 1")
		kill(t, b.workerPid(t, src))
	}
	b.succeeded(t, src, "SELECT 1")
}
