package pool_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite" // makes the test files

	"dribble/domain"
	"dribble/engine"
	"dribble/engine/sqlite"
	"dribble/worker"
	"dribble/worker/pool"
)

// Statements for an SQLite source.
const (
	endlessRows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT i, 'some text' FROM n"
	endlessWork = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT count(*) FROM n"
	threeRows   = "SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3"
)

// bench is a pool over real worker processes.
type bench struct {
	*pool.Pool
	launcher *pool.ProcessLauncher
	dir      string // of the launcher
	src      domain.Source
	records  *records
}

// started makes a pool whose workers have the fault called name ("" for none) and
// runs it until the test ends. Nothing may be left then.
func started(t *testing.T, name string, change func(*pool.Options)) *bench {
	t.Helper()
	b := &bench{dir: shortDir(t), src: source(t, "source-1"), records: &records{}}
	launcher, err := pool.NewProcessLauncher(pool.ProcessOptions{Binary: binary(t, name), Dir: b.dir, Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	b.launcher = launcher
	opt := pool.Options{
		Launcher: launcher, Engines: []engine.Spec{sqlite.New().Spec()}, Instance: "install-1",
		Credentials: func(context.Context, string) (domain.Credentials, error) {
			return domain.NewCredentials(map[string]string{}), nil
		},
		Store: b.records, Log: quiet(),
	}
	if change != nil {
		change(&opt)
	}
	b.Pool = pool.New(opt)
	ctx, cancel := context.WithCancel(context.Background())
	var run sync.WaitGroup
	run.Go(func() { _ = b.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		run.Wait()
		stop, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := b.Close(stop); err != nil {
			t.Errorf("close pool: %v", err)
		}
		nothingLeft(t, b)
	})
	return b
}

// nothingLeft proves that no process, socket or record has outlived the pool.
func nothingLeft(t *testing.T, b *bench) {
	t.Helper()
	list, err := b.launcher.List(context.Background())
	if err != nil || len(list) > 0 {
		t.Errorf("%d workers still run, %v", len(list), err)
	}
	files, _ := os.ReadDir(b.dir)
	for _, f := range files {
		t.Errorf("%s was left behind", f.Name())
	}
	if ids := b.records.ids(); len(ids) > 0 {
		t.Errorf("records %v were left behind", ids)
	}
}

// shortDir is a folder whose path leaves room for a socket's name.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "dw")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// binary is this test binary, under a faulty worker's name.
func binary(t *testing.T, name string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if name == "" {
		return self
	}
	link := filepath.Join(t.TempDir(), name)
	if err := os.Symlink(self, link); err != nil {
		t.Fatal(err)
	}
	return link
}

func quiet() *slog.Logger {
	if os.Getenv("DRIBBLE_TEST_LOG") != "" {
		return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return slog.New(slog.DiscardHandler)
}

// source makes an SQLite file and a source of it.
func source(t *testing.T, id string) domain.Source {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE beans (id INTEGER PRIMARY KEY, name TEXT)"); err != nil {
		t.Fatal(err)
	}
	return domain.Source{ID: id, Name: "Beans", Engine: "sqlite", Settings: map[string]string{"path": path}, Revision: 1}
}

// acquire takes a lease that the test's end gives back at the latest.
func (b *bench) acquire(t *testing.T) *pool.Lease {
	t.Helper()
	lease, err := b.Acquire(t.Context(), b.src, nil)
	if err != nil {
		t.Fatalf("acquire: %v", err)
	}
	t.Cleanup(lease.Release)
	return lease
}

// query runs one statement on a lease and returns its rows and end.
func query(ctx context.Context, lease *pool.Lease, id, text string, each func(worker.Frame)) (int64, worker.Done, error) {
	return run(ctx, lease, worker.Exec{RunID: id, Statements: []worker.Statement{{Text: text}}}, each)
}

// finished is how a run came out.
type finished struct {
	rows int64
	done worker.Done
	err  error
	at   time.Time
}

// begin starts a run without end and returns when the worker is at it.
func begin(t *testing.T, lease *pool.Lease, text string) (ended <-chan finished) {
	t.Helper()
	begun, c := make(chan struct{}), make(chan finished, 1)
	go func() {
		var f finished
		f.rows, f.done, f.err = query(context.Background(), lease, "run", text, func(f worker.Frame) {
			if f.Type == worker.FrameBegin {
				close(begun)
			}
		})
		f.at = time.Now()
		c <- f
	}()
	select {
	case <-begun:
	case f := <-c:
		t.Fatalf("the run did not begin: %+v", f)
	case <-time.After(soon):
		t.Fatal("the run does not begin")
	}
	return c
}

// await takes a run's end, which must come.
func await(t *testing.T, ended <-chan finished) finished {
	t.Helper()
	select {
	case f := <-ended:
		return f
	case <-time.After(soon):
		t.Fatal("the run does not end")
	}
	return finished{}
}

func waitLost(t *testing.T, lease *pool.Lease) {
	t.Helper()
	select {
	case <-lease.Lost():
	case <-time.After(soon):
		t.Fatal("the lease does not know of its loss")
	}
}

// limited runs one statement within limits and returns its end.
func limited(t *testing.T, lease *pool.Lease, text string, limits worker.Limits) worker.End {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	var end worker.End
	_, _, err := run(ctx, lease, worker.Exec{
		RunID: "limited", Limits: limits, Statements: []worker.Statement{{Text: text}},
	}, func(f worker.Frame) {
		if f.Type == worker.FrameEnd {
			end, _ = f.End()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return end
}

func run(ctx context.Context, lease *pool.Lease, exec worker.Exec, each func(worker.Frame)) (int64, worker.Done, error) {
	stream, err := lease.Client.Exec(ctx, exec)
	if err != nil {
		return 0, worker.Done{}, err
	}
	defer stream.Close()
	var rows int64
	var done worker.Done
	for {
		f, err := stream.Next()
		if errors.Is(err, io.EOF) {
			return rows, done, nil
		}
		if err != nil {
			return rows, done, err
		}
		switch f.Type {
		case worker.FrameBatch:
			n, _ := f.Batch()
			rows += int64(n)
		case worker.FrameDone:
			done, _ = f.Done()
		}
		if each != nil {
			each(f)
		}
	}
}

// works proves that a run goes through now, within what is promised.
func (b *bench) works(t *testing.T, promise time.Duration) {
	t.Helper()
	limit := within(promise)
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	begin := time.Now()
	lease, err := b.Acquire(ctx, b.src, nil)
	if err != nil {
		t.Fatalf("acquire: %v", err)
	}
	defer lease.Release()
	rows, done, err := query(ctx, lease, "probe", threeRows, nil)
	if err != nil || rows != 3 || done.Status != domain.RunSuccess {
		t.Errorf("got %d rows, %+v, %v", rows, done, err)
	}
	if took := time.Since(begin); took > limit {
		t.Errorf("a run took %v, want at most %v", took, limit)
	}
}

func (b *bench) status() pool.Status {
	for _, s := range b.Status() {
		if s.SourceID == b.src.ID {
			return s
		}
	}
	return pool.Status{}
}

func (b *bench) kill(t *testing.T, s syscall.Signal) {
	t.Helper()
	pid := b.status().Pid
	if pid == 0 {
		t.Fatal("there is no worker to kill")
	}
	if err := syscall.Kill(pid, s); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) waitFor(t *testing.T, limit time.Duration, want domain.WorkerState) {
	t.Helper()
	eventually(t, limit, "state "+string(want), func() bool { return b.State(b.src.ID) == want })
}

func eventually(t *testing.T, limit time.Duration, what string, is func() bool) {
	t.Helper()
	for begin := time.Now(); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Since(begin) > limit {
			t.Fatalf("waited %v in vain for %s", limit, what)
		}
	}
}

func procFile(pid int, name string) string { return fmt.Sprintf("/proc/%d/%s", pid, name) }

func isAlive(pid int) bool {
	_, err := os.Stat(fmt.Sprintf("/proc/%d", pid))
	return err == nil
}

// records is a WorkerStore in memory.
type records struct {
	mu   sync.Mutex
	rows map[string]pool.Record
}

func (r *records) SaveWorker(_ context.Context, rec pool.Record) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.rows == nil {
		r.rows = map[string]pool.Record{}
	}
	r.rows[rec.ID] = rec
	return nil
}

func (r *records) DeleteWorker(_ context.Context, id string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.rows, id)
	return nil
}

func (r *records) ids() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var ids []string
	for id := range r.rows {
		ids = append(ids, id)
	}
	return ids
}

// recording is a log that keeps what workers say.
func recording() (log *slog.Logger, lines func() []string) {
	h := &recorder{}
	return slog.New(h), func() []string {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.lines
	}
}

type recorder struct {
	mu    sync.Mutex
	lines []string
}

func (*recorder) Enabled(context.Context, slog.Level) bool { return true }

func (r *recorder) Handle(_ context.Context, rec slog.Record) error {
	rec.Attrs(func(a slog.Attr) bool {
		if a.Key == "line" {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.lines = append(r.lines, a.Value.String())
		}
		return true
	})
	return nil
}

func (r *recorder) WithAttrs([]slog.Attr) slog.Handler { return r }

func (r *recorder) WithGroup(string) slog.Handler { return r }
