package handlers_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dribble/db"
	"dribble/domain"
	"dribble/engine/all"
	"dribble/handlers"
	"dribble/internal/testenv"
	"dribble/query"
	"dribble/result"
	"dribble/worker/pool"
)

// bed is the whole product behind a real listener: metadata store, worker
// processes, result store, handlers. Only the command line is missing.
type bed struct {
	t        *testing.T
	url      string
	dir      string
	server   *handlers.Server
	store    *db.Store
	workers  *pool.Pool
	launcher *pool.ProcessLauncher
	who      domain.Principal
	log      *logBook
	contract *contract
	client   *http.Client
	sampleID string // the source of the samples
}

// options of newBed; the zero value is SQLite metadata and default limits.
type options struct {
	postgresMeta bool
	limits       query.Limits
	hosts        []string
	private      bool // the bed's folder is the product's data folder
	samples      func(*bed) []handlers.Sample
}

func newBed(t *testing.T, o options) *bed {
	t.Helper()
	b := &bed{t: t, dir: t.TempDir(), log: &logBook{}}
	log := slog.New(slog.NewTextHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	keys, err := db.LoadKeyring(filepath.Join(b.dir, "keyring"))
	b.check(err)
	where := db.Options{Path: filepath.Join(b.dir, "meta.db"), Keys: keys, Log: log}
	if o.postgresMeta {
		s := testenv.Postgres(t).NewDatabase(t)
		u := url.URL{Scheme: "postgres", User: url.UserPassword(s.User, s.Password), Host: s.Addr(), Path: s.Database, RawQuery: "sslmode=disable"}
		where.URL = u.String()
	}
	b.store, err = db.Open(t.Context(), where)
	b.check(err)
	b.who, err = b.store.EnsureLocal(t.Context())
	b.check(err)
	instance, err := b.store.Instance(t.Context())
	b.check(err)
	results, err := result.OpenStore(filepath.Join(b.dir, "results"))
	b.check(err)
	cache, err := db.OpenCache("", log)
	b.check(err)
	b.launcher, err = pool.NewProcessLauncher(pool.ProcessOptions{Dir: filepath.Join(b.dir, "workers"), Log: log})
	b.check(err)
	b.workers = pool.New(pool.Options{
		Launcher: b.launcher, Engines: all.Specs(), Credentials: b.store.Credentials, Instance: instance, Log: log,
	})
	runs := query.New(query.Options{
		Store: b.store, Workers: leases{b.workers}, Results: results, Cache: cache, Limits: o.limits, Log: log,
		Observe: func(run domain.Run) { b.server.RunEnded(run) },
	})
	own := ""
	if o.private {
		own = b.dir
	}
	var samples []handlers.Sample
	if o.samples != nil {
		src, err := b.store.CreateSource(t.Context(), b.who, domain.Source{
			Name: "Sample", Engine: "sqlite", Settings: map[string]string{"path": shopFile(t)}, IsActive: true,
		}, nil)
		b.check(err)
		b.sampleID = src.ID
		samples = o.samples(b)
	}
	b.server = handlers.New(handlers.Options{
		Store: b.store, Runs: runs, Workers: b.workers, Cache: cache, Engines: all.Specs(), Local: b.who,
		Hosts: o.hosts, DataDir: own, Samples: samples, Version: "test", Log: log,
	})
	web := httptest.NewServer(b.server.Handler())
	b.url = web.URL
	b.client = &http.Client{
		Transport:     &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 20},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	watch, stop := context.WithCancel(context.Background())
	watched := make(chan struct{})
	go func() { defer close(watched); _ = b.workers.Run(watch) }()
	t.Cleanup(func() {
		end, cancel := context.WithTimeout(context.Background(), 15*time.Second)
		defer cancel()
		web.CloseClientConnections()
		if err := runs.Shutdown(end); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		stop()
		<-watched
		if err := b.workers.Close(end); err != nil {
			t.Errorf("stop workers: %v", err)
		}
		web.Close()
		b.client.CloseIdleConnections()
		b.check(cache.Close())
		b.check(b.store.Close())
		if t.Failed() {
			t.Logf("the server's log:\n%s", b.log.tail(3000))
		}
	})
	b.contract = readContract(t, b)
	return b
}

func (b *bed) check(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// leases fits the pool to what a run needs of it, as the program does.
type leases struct{ pool *pool.Pool }

func (l leases) Acquire(ctx context.Context, src domain.Source, notify func(query.Phase)) (query.Lease, error) {
	lease, err := l.pool.Acquire(ctx, src, func(p pool.Phase) { notify(query.Phase{Name: p.Name, Ahead: p.Ahead}) })
	if err != nil {
		return query.Lease{}, fmt.Errorf("acquire: %w", err)
	}
	return query.Lease{Client: lease.Client, WorkerID: lease.WorkerID, Lost: lease.Lost(), Release: lease.Release}, nil
}

// logBook keeps what the server logs.
type logBook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// tail is the end of the log without the lines of every request.
func (l *logBook) tail(n int) string {
	var kept []byte
	for line := range strings.Lines(l.String()) {
		if !strings.Contains(line, "level=DEBUG") {
			kept = append(kept, line...)
		}
	}
	return string(kept[max(0, len(kept)-n):])
}
