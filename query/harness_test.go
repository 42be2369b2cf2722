package query

import (
	"context"
	"database/sql"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"dribble/db"
	"dribble/domain"
	"dribble/engine/all"
	"dribble/result"
	"dribble/worker"
	"dribble/worker/serve"
)

// bed is a whole pipeline: real metadata store, result store, worker server and
// SQLite source; only the process boundary is missing.
type bed struct {
	*Service
	store   *db.Store
	workers *inProcess
	who     domain.Principal
	source  domain.Source
}

func newBed(t *testing.T, change ...func(*domain.Source)) *bed {
	t.Helper()
	dir := t.TempDir()
	keys, err := db.LoadKeyring(filepath.Join(dir, "keyring"))
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	store, err := db.Open(t.Context(), db.Options{Path: filepath.Join(dir, "meta.db"), Keys: keys, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	who, err := store.EnsureLocal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	src := domain.Source{Name: "shop", Engine: "sqlite", Settings: map[string]string{"path": sampleFile(t, dir)}, IsActive: true}
	for _, c := range change {
		c(&src)
	}
	if src, err = store.CreateSource(t.Context(), who, src, nil); err != nil {
		t.Fatal(err)
	}
	results, err := result.OpenStore(filepath.Join(dir, "results"))
	if err != nil {
		t.Fatal(err)
	}
	cache, err := db.OpenCache("", log)
	if err != nil {
		t.Fatal(err)
	}
	workers := &inProcess{t: t}
	b := &bed{store: store, workers: workers, who: who, source: src}
	b.Service = New(Options{Store: store, Workers: workers, Results: results, Cache: cache, Log: log})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := b.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		workers.kill()
	})
	return b
}

func sampleFile(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "shop.db")
	d, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	for _, text := range []string{
		"CREATE TABLE orders (id INTEGER PRIMARY KEY, city TEXT, total REAL)",
		"INSERT INTO orders VALUES (1, 'Oslo', 9.5), (2, 'Bergen', 12), (3, NULL, 0)",
	} {
		if _, err := d.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// inProcess runs the worker server in this process and can kill it.
type inProcess struct {
	t        *testing.T
	acquired atomic.Int64

	mu     sync.Mutex
	client *worker.Client
	lost   chan struct{}
	stop   context.CancelFunc

	connMu sync.Mutex // apart, because connections come while start waits
	conns  []net.Conn
}

func (w *inProcess) Acquire(ctx context.Context, src domain.Source, notify func(Phase)) (Lease, error) {
	w.acquired.Add(1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.client == nil {
		notify(Phase{Name: PhaseStarting})
		if err := w.start(ctx, src); err != nil {
			return Lease{}, err
		}
	}
	return Lease{Client: w.client, WorkerID: "w1", Lost: w.lost, Release: func() {}}, nil
}

func (w *inProcess) start(ctx context.Context, src domain.Source) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	serveCtx, stop := context.WithCancel(context.Background())
	w.stop, w.lost = stop, make(chan struct{})
	go func() {
		_ = serve.Serve(serveCtx, serve.Options{
			Listener: &trackingListener{Listener: listener, w: w}, Token: "secret", Engines: all.Engines(), Log: slog.New(slog.DiscardHandler),
		})
	}()
	w.client = worker.NewClient("tcp", listener.Addr().String(), "secret")
	return w.client.Configure(ctx, worker.Configuration{
		SpecHash: "h", Engine: src.Engine, Fields: src.Settings, ReadOnly: src.ReadOnly, MaxConns: 5, AppName: "test",
	})
}

// kill cuts the worker off as a kill -9 would: every connection breaks at once.
func (w *inProcess) kill() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.client == nil {
		return
	}
	w.connMu.Lock()
	for _, c := range w.conns {
		_ = c.Close()
	}
	w.conns = nil
	w.connMu.Unlock()
	w.stop()
	close(w.lost)
	w.client = nil
}

// trackingListener remembers its connections so that kill can cut them.
type trackingListener struct {
	net.Listener
	w *inProcess
}

func (l *trackingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		l.w.connMu.Lock()
		l.w.conns = append(l.w.conns, c)
		l.w.connMu.Unlock()
	}
	return c, err
}

// ended starts a run and waits for its end.
func (b *bed) ended(t *testing.T, req Request) Snapshot {
	t.Helper()
	run := b.begin(t, req)
	return b.end(t, run.ID)
}

func (b *bed) begin(t *testing.T, req Request) domain.Run {
	t.Helper()
	req.SourceID = b.source.ID
	if req.Trigger == "" {
		req.Trigger = domain.TriggerEditor
	}
	run, err := b.Start(t.Context(), b.who, req)
	if err != nil {
		t.Fatalf("start %q: %v", req.SQL, err)
	}
	return run
}

func (b *bed) end(t *testing.T, id string) Snapshot {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	snap, err := b.Wait(ctx, b.who, id)
	if err != nil {
		t.Fatal(err)
	}
	if !snap.Done() {
		t.Fatalf("run did not end; it is %+v", snap.Phase)
	}
	return snap
}

func (b *bed) rows(t *testing.T, id string, seq int) []string {
	t.Helper()
	r, _, err := b.Result(t.Context(), b.who, id, seq)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out []string
	err = r.Scan(t.Context(), 0, -1, func(_ int64, cells [][]byte) error {
		line := ""
		for i, c := range cells {
			if i > 0 {
				line += "|"
			}
			if c == nil {
				line += "NULL"
			} else {
				line += string(c)
			}
		}
		out = append(out, line)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
