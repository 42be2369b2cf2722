package pool_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"dribble/domain"
	"dribble/worker"
	"dribble/worker/pool"
)

// Faults of workers (suite F1): each is visible within two seconds, the worker is
// replaced within five, and the next run works.
func TestWorkerFaults(t *testing.T) {
	t.Parallel()
	const planned = 18
	tests := []struct {
		name string
		try  func(t *testing.T)
	}{
		{"kill -9 of an idle worker", killIdle},
		{"kill -9 in the middle of a query", func(t *testing.T) { killInRun(t, endlessWork, worker.FrameBegin) }},
		{"kill -9 in the middle of a stream", func(t *testing.T) { killInRun(t, endlessRows, worker.FrameBatch) }},
		{"death during the configuration", func(t *testing.T) { neverStarts(t, dieInConfigure, "exit status 3") }},
		{"exit at start", func(t *testing.T) { neverStarts(t, crashAtStart, "exit status 3") }},
		{"one exit at start", onceCrashed},
		{"slow growth over its memory", slowGrowth},
		{"an allocation over its memory", memoryBomb},
		{"a file over its bound", largeFile},
		{"no file descriptor left", noDescriptors},
		{"hang of a busy worker", hangInRun},
		{"hang of an idle worker", hangIdle},
		{"hang between proof of life and run", hangBeforeRun},
		{"hang beside a new run", hangBesideRun},
		{"wrong token", func(t *testing.T) { neverStarts(t, otherToken, "it did not accept its token") }},
		{"old protocol version", func(t *testing.T) { neverStarts(t, oldProtocol, "another protocol version") }},
		{"five quick crashes", quickCrashes},
		{"a worker that never gets ready", neverGetsReady},
	}
	var tried, survived atomic.Int32
	t.Run("faults", func(t *testing.T) {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				tried.Add(1)
				t.Cleanup(func() { // the last one: after the proof that nothing is left
					if !t.Failed() {
						survived.Add(1)
					}
				})
				tt.try(t)
			})
		}
	})
	t.Logf("faults survived: %d of %d", survived.Load(), tried.Load())
	if survived.Load() != tried.Load() || len(tests) < planned {
		t.Errorf("survived %d of %d, planned at least %d", survived.Load(), tried.Load(), planned)
	}
}

func killIdle(t *testing.T) {
	b := started(t, "", nil)
	b.works(t, replaced)
	b.kill(t, syscall.SIGKILL)
	b.waitFor(t, within(seen), domain.WorkerUnhealthy)
	if s := b.status(); s.Restarts != 1 || !strings.Contains(s.LastError, "killed") {
		t.Errorf("got %+v, want a loss with its reason", s)
	}
	b.works(t, replaced)
}

func killInRun(t *testing.T, text string, when worker.FrameType) {
	b := started(t, "", nil)
	lease := b.acquire(t)
	var killed time.Time
	_, _, err := query(t.Context(), lease, "run", text, func(f worker.Frame) {
		if f.Type == when && killed.IsZero() {
			killed = time.Now()
			b.kill(t, syscall.SIGKILL)
		}
	})
	if !errors.Is(err, worker.ErrLost) {
		t.Errorf("got %v, want ErrLost", err)
	}
	waitLost(t, lease)
	if took := time.Since(killed); took > within(seen) {
		t.Errorf("visible after %v, want at most %v", took, within(seen))
	}
	lease.Release()
	b.works(t, replaced)
}

func neverStarts(t *testing.T, fault, why string) {
	b := started(t, fault, nil)
	_, err := b.Acquire(t.Context(), b.src, nil)
	var public *domain.Error
	if !errors.As(err, &public) || public.Code != domain.Unavailable || !strings.Contains(public.Message, why) {
		t.Fatalf("got %v, want unavailable with %q", err, why)
	}
	if got := b.State(b.src.ID); got != domain.WorkerFailed {
		t.Errorf("got %s, want failed", got)
	}
	if _, again := b.Acquire(t.Context(), b.src, func(pool.Phase) { t.Error("the next run started a worker") }); !errors.Is(again, err) {
		t.Errorf("the next run: got %v, want the same at once", again)
	}
	if s := b.status(); s.Running != 0 || s.LastError == "" {
		t.Errorf("got %+v", s)
	}
	b.src.Revision++
	if _, changed := b.Acquire(t.Context(), b.src, nil); errors.Is(changed, err) {
		t.Error("a changed source was not tried again")
	}
}

func onceCrashed(t *testing.T) {
	b := started(t, crashAtFirstOnly, nil)
	b.works(t, replaced)
}

func hangInRun(t *testing.T) {
	b := started(t, "", nil)
	lease := b.acquire(t)
	ended := begin(t, lease, endlessWork)
	b.halt(t)
	halted := time.Now()
	b.waitFor(t, within(seen), domain.WorkerUnhealthy)
	t.Logf("a hang is visible after %v", time.Since(halted).Round(time.Millisecond))
	b.works(t, replaced)
	givenUp(t, lease, halted)
	await(t, ended)
}

// givenUp waits until the lease's hung worker is taken for lost: half a second
// until it is asked and three calls of a second.
func givenUp(t *testing.T, lease *pool.Lease, halted time.Time) {
	t.Helper()
	const promise = 3500 * time.Millisecond
	waitLost(t, lease)
	took := time.Since(halted).Round(time.Millisecond)
	t.Logf("the hung worker was given up after %v", took)
	if took > within(promise) {
		t.Errorf("given up after %v, want at most %v", took, within(promise))
	}
}

func hangIdle(t *testing.T) {
	b := started(t, "", func(o *pool.Options) { o.HealthEvery = time.Hour })
	b.works(t, replaced)
	b.halt(t)
	b.works(t, replaced)
}

// The worst moment for a hang: it has just proved that it lives.
func hangBeforeRun(t *testing.T) {
	b := started(t, "", nil)
	lease := b.acquire(t)
	b.halt(t)
	halted := time.Now()
	ended := make(chan error, 1)
	go func() {
		_, _, err := query(context.Background(), lease, "run", threeRows, nil)
		ended <- err
	}()
	givenUp(t, lease, halted)
	select {
	case err := <-ended: // woken for its end it may just have done the run
		if err != nil && !errors.Is(err, worker.ErrLost) {
			t.Errorf("got %v, want ErrLost or none", err)
		}
	case <-time.After(soon):
		t.Error("the run on the hung worker still waits")
	}
	lease.Release()
	b.works(t, replaced)
}

// A second run that comes while the first hangs does not go to the same worker.
func hangBesideRun(t *testing.T) {
	b := started(t, "", nil)
	first := b.acquire(t)
	b.halt(t)
	b.works(t, replaced)
	second := b.acquire(t)
	if first.WorkerID == second.WorkerID {
		t.Error("the second run has the hung worker")
	}
}

func quickCrashes(t *testing.T) {
	b := started(t, "", nil)
	for range 5 {
		lease := b.acquire(t)
		b.kill(t, syscall.SIGKILL)
		waitLost(t, lease)
		lease.Release()
	}
	if got := b.State(b.src.ID); got != domain.WorkerFailed {
		t.Errorf("got %s, want failed", got)
	}
	_, err := b.Acquire(t.Context(), b.src, nil)
	if domain.CodeOf(err) != domain.Unavailable || !strings.Contains(err.Error(), "failed 5 times in a row; the last time signal: killed") {
		t.Errorf("got %v", err)
	}
}

func neverGetsReady(t *testing.T) {
	b := started(t, neverReady, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := b.Acquire(ctx, b.src, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the run's own deadline", err)
	}
	if got := b.State(b.src.ID); got != domain.WorkerStarting {
		t.Errorf("got %s, want starting", got)
	}
	if err := b.Stop(t.Context(), b.src.ID); err != nil {
		t.Errorf("stop: %v", err)
	}
	if got := b.State(b.src.ID); got != domain.WorkerStopped {
		t.Errorf("got %s, want stopped", got)
	}
}

// A worker that outlived a crash of its server is found and ended by the next one;
// those of other installs, and of servers that live, stay.
func TestWorkersOfACrashedServer(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	launch := func() *pool.ProcessLauncher {
		l, err := pool.NewProcessLauncher(pool.ProcessOptions{Binary: binary(t, ""), Dir: dir, Log: quiet()})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	first := launch()
	worker1, err := first.Start(t.Context(), pool.Spec{ID: "mine", InstanceID: "install-1", Token: "a"})
	if err != nil {
		t.Fatal(err)
	}
	worker2, err := first.Start(t.Context(), pool.Spec{ID: "foreign", InstanceID: "install-2", Token: "b"})
	if err != nil {
		t.Fatal(err)
	}
	second := launch()
	if list, err := second.List(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("got %v, %v, want the workers of a living server left alone", list, err)
	}
	// The first server's death cannot be had without its process; its records
	// can say that it is dead.
	for _, id := range []string{"mine", "foreign"} {
		orphan(t, filepath.Join(dir, id+".json"))
	}
	list, err := second.List(t.Context())
	if err != nil || len(list) != 2 {
		t.Fatalf("got %v, %v, want both workers", list, err)
	}
	p := pool.New(pool.Options{Launcher: second, Instance: "install-1", Log: quiet()})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = p.Run(ctx)
	}()
	select {
	case <-worker1.Done:
	case <-time.After(soon):
		t.Error("the worker of a crashed server still runs")
	}
	cancel()
	<-done
	if !isAlive(worker2.Pid) {
		t.Error("the worker of another install was ended")
	}
	if err := first.Stop(t.Context(), "foreign"); err != nil {
		t.Error(err)
	}
	if files, _ := os.ReadDir(dir); len(files) > 0 {
		t.Errorf("%s was left behind", files[0].Name())
	}
}

// orphan rewrites a record as if its server had died.
func orphan(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.Replace(string(text), `"parent_birth":"`, `"parent_birth":"1`, 1))
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestStaleFilesAreCleared(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	l, err := pool.NewProcessLauncher(pool.ProcessOptions{Binary: binary(t, ""), Dir: dir, Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	stale, err := l.Start(t.Context(), pool.Spec{ID: "stale", Token: "a"})
	if err != nil {
		t.Fatal(err)
	}
	record, err := os.ReadFile(filepath.Join(dir, "stale.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(stale.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-stale.Done
	// What a crash of server and worker together leaves: a record, a socket
	// nobody listens on, and half a record.
	socket, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Bind(socket, &syscall.SockaddrUnix{Name: filepath.Join(dir, "lonely.sock")}); err != nil {
		t.Fatal(err)
	}
	_ = syscall.Close(socket)
	for name, text := range map[string][]byte{"stale.json": record, "half.json": record[:10]} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if list, err := l.List(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("got %v, %v", list, err)
	}
	if files, _ := os.ReadDir(dir); len(files) > 0 {
		t.Errorf("%s was left behind", files[0].Name())
	}
}
