package pool_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dribble/domain"
	"dribble/engine"
	"dribble/worker"
	"dribble/worker/pool"
)

func TestRunOnAWorker(t *testing.T) {
	t.Parallel()
	b := started(t, "", nil)
	var phases []string
	begin := time.Now()
	lease, err := b.Acquire(t.Context(), b.src, func(p pool.Phase) { phases = append(phases, p.Name) })
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("start took %v", time.Since(begin))
	if len(phases) != 1 || phases[0] != pool.PhaseStarting {
		t.Errorf("got phases %v, want starting", phases)
	}
	rows, done, err := query(t.Context(), lease, "run", threeRows, nil)
	if err != nil || rows != 3 || done.Status != domain.RunSuccess {
		t.Errorf("got %d rows, %+v, %v", rows, done, err)
	}
	s := b.status()
	if s.State != domain.WorkerBusy || s.Running != 1 || s.WorkerID != lease.WorkerID || !isAlive(s.Pid) {
		t.Errorf("got status %+v while a run goes on", s)
	}
	lease.Release()
	lease.Release()
	if s := b.status(); s.State != domain.WorkerReady || s.Running != 0 {
		t.Errorf("got status %+v after the run", s)
	}
	second := b.acquire(t)
	if second.WorkerID != lease.WorkerID {
		t.Error("the second run has another worker")
	}
	eventually(t, soon, "the record", func() bool { return len(b.records.ids()) == 1 })
}

func TestWorkerHasNoSecretsAround(t *testing.T) {
	t.Setenv("DRIBBLE_SECRET", "of the server")
	b := started(t, "", nil)
	b.acquire(t)
	pid := b.status().Pid
	for _, name := range []string{"environ", "cmdline"} {
		text, err := os.ReadFile(procFile(pid, name))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "DRIBBLE_SECRET") || strings.Contains(string(text), "token") {
			t.Errorf("%s of the worker holds %q", name, text)
		}
	}
}

func TestUnknownEngine(t *testing.T) {
	t.Parallel()
	b := started(t, "", nil)
	b.src.Engine = "oracle"
	if _, err := b.Acquire(t.Context(), b.src, nil); domain.CodeOf(err) != domain.Invalid {
		t.Errorf("got %v, want an invalid error", err)
	}
	b.src.Engine, b.src.Settings = "sqlite", nil
	_, err := b.Acquire(t.Context(), b.src, nil)
	if domain.CodeOf(err) != domain.Unavailable || !strings.Contains(err.Error(), "Database file is needed.") {
		t.Errorf("got %v, want the engine's words", err)
	}
	if s := b.status(); s.Running != 0 {
		t.Errorf("got %+v, want the place given back", s)
	}
}

func TestCancelWithinASecond(t *testing.T) {
	t.Parallel()
	b := started(t, "", nil)
	for _, text := range []string{endlessWork, endlessRows} {
		lease := b.acquire(t)
		var asked time.Time
		_, done, err := query(t.Context(), lease, "run", text, func(f worker.Frame) {
			if f.Type == worker.FrameBegin || f.Type == worker.FrameBatch && asked.IsZero() {
				asked = time.Now()
				_ = lease.Client.Cancel(context.Background(), "run")
			}
		})
		if took := time.Since(asked); err != nil || done.Status != domain.RunCancelled || took > within(stopped) {
			t.Errorf("got %+v, %v after %v, want cancelled within %v", done, err, took, within(stopped))
		}
		lease.Release()
	}
	b.works(t, replaced)
}

func TestRunsSideBySideAndInTurn(t *testing.T) {
	t.Parallel()
	b := started(t, "", func(o *pool.Options) { o.MaxConns = 2 })
	first, second := b.acquire(t), b.acquire(t)
	turns := make(chan int, 3) // gets each run when it has its place
	goOn := make(chan struct{})
	ahead := make([]atomic.Int64, 3)
	isAhead := func(i, n int) func() bool { return func() bool { return ahead[i].Load() == int64(n) } }
	var waiting sync.WaitGroup
	for i := range 3 {
		ahead[i].Store(-1)
		waiting.Go(func() {
			lease, err := b.Acquire(t.Context(), b.src, func(p pool.Phase) {
				if p.Name == pool.PhaseWaiting {
					ahead[i].Store(int64(p.Ahead))
				}
			})
			if err != nil {
				t.Error(err)
				turns <- -1
				return
			}
			turns <- i
			<-goOn
			lease.Release()
		})
		eventually(t, soon, "its place in the queue", isAhead(i, i))
	}
	if s := b.status(); s.Running != 2 || s.Waiting != 3 {
		t.Errorf("got %+v, want 2 running, 3 waiting", s)
	}
	first.Release()
	for i := range 3 {
		if got := <-turns; got != i {
			t.Errorf("run %d had its turn as number %d", got, i)
		}
		for later := i + 1; later < 3; later++ {
			eventually(t, soon, "word of moving up", isAhead(later, later-i-1))
		}
		if s := b.status(); s.Running != 2 {
			t.Errorf("got %+v, want 2 running", s)
		}
		goOn <- struct{}{}
	}
	waiting.Wait()
	second.Release()
}

func TestQueueIsBoundedAndCanBeLeft(t *testing.T) {
	t.Parallel()
	b := started(t, "", func(o *pool.Options) { o.MaxConns = 1 })
	lease := b.acquire(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	left := errors.New("left")
	var waiting sync.WaitGroup
	var wrong atomic.Int32
	for range 100 {
		waiting.Go(func() {
			if _, err := b.Acquire(ctx, b.src, nil); !errors.Is(err, left) {
				wrong.Add(1)
			}
		})
	}
	eventually(t, soon, "100 runs to wait", func() bool { return b.status().Waiting == 100 })
	if _, err := b.Acquire(t.Context(), b.src, nil); domain.CodeOf(err) != domain.RateLimited {
		t.Errorf("the 101st: got %v, want rate_limited", err)
	}
	cancel(left)
	waiting.Wait()
	if s := b.status(); wrong.Load() > 0 || s.Waiting != 0 || s.Running != 1 {
		t.Errorf("%d waits ended wrongly, status %+v", wrong.Load(), s)
	}
	lease.Release()
	b.works(t, replaced)
}

func TestIdleWorkerStopsAndWakes(t *testing.T) {
	t.Parallel()
	b := started(t, "", func(o *pool.Options) {
		o.IdleStop, o.HealthEvery = 200*time.Millisecond, 20*time.Millisecond
	})
	lease := b.acquire(t)
	time.Sleep(400 * time.Millisecond)
	if s := b.status(); s.State != domain.WorkerBusy {
		t.Errorf("got %s, want a worker in use to stay", s.State)
	}
	pid := b.status().Pid
	lease.Release()
	b.waitFor(t, soon, domain.WorkerStopped)
	eventually(t, soon, "its process to end", func() bool { return !isAlive(pid) })
	if s := b.status(); s.Restarts != 0 || s.LastError != "" {
		t.Errorf("got %+v, want an idle stop to be no loss", s)
	}
	b.works(t, replaced)
}

func TestChangedSourceGetsANewWorker(t *testing.T) {
	t.Parallel()
	b := started(t, "", nil)
	old := b.acquire(t)
	ended := begin(t, old, endlessWork) // goes on over the change
	b.src.Revision++
	next := b.acquire(t)
	if next.WorkerID == old.WorkerID {
		t.Fatal("the changed source has its old worker")
	}
	select {
	case f := <-ended:
		t.Fatalf("the old run ended with the change: %+v", f)
	case <-old.Lost():
		t.Fatal("the old worker was stopped under its run")
	case <-time.After(100 * time.Millisecond):
	}
	if err := old.Client.Cancel(t.Context(), "run"); err != nil {
		t.Fatal(err)
	}
	if f := await(t, ended); f.err != nil || f.done.Status != domain.RunCancelled {
		t.Errorf("the old run: got %+v, want cancelled", f)
	}
	old.Release()
	waitLost(t, old)
	if s := b.status(); s.Restarts != 0 {
		t.Errorf("got %+v, want a change to be no loss", s)
	}
}

func TestStopAndRestart(t *testing.T) {
	t.Parallel()
	b := started(t, "", nil)
	changes, cancel := b.Watch()
	defer cancel()
	if err := b.Restart(t.Context(), b.src.ID); domain.CodeOf(err) != domain.NotFound {
		t.Errorf("restart of nothing: got %v, want not_found", err)
	}
	lease := b.acquire(t)
	ended := begin(t, lease, endlessWork)
	if err := b.Stop(t.Context(), b.src.ID); err != nil {
		t.Fatal(err)
	}
	if f := await(t, ended); f.done.Status != domain.RunError {
		t.Errorf("the run ended as %+v, want an error that names the worker", f)
	}
	waitLost(t, lease)
	lease.Release()
	if got := b.State(b.src.ID); got != domain.WorkerStopped {
		t.Errorf("got %s, want stopped", got)
	}
	if err := b.Restart(t.Context(), b.src.ID); err != nil {
		t.Fatal(err)
	}
	if got := b.State(b.src.ID); got != domain.WorkerReady {
		t.Errorf("got %s, want ready", got)
	}
	select {
	case <-changes:
	default:
		t.Error("nothing was heard of all that")
	}
	if err := b.Forget(t.Context(), b.src.ID); err != nil || len(b.Status()) != 0 {
		t.Errorf("got %v, %+v after Forget", err, b.Status())
	}
}

func TestSchemaNeedsNoPlace(t *testing.T) {
	t.Parallel()
	b := started(t, "", func(o *pool.Options) { o.MaxConns = 1 })
	lease := b.acquire(t)
	ended := begin(t, lease, endlessWork)
	schema, err := b.Schema(t.Context(), b.src, engine.SchemaRequest{Columns: true})
	if err != nil || len(schema.Schemas) == 0 || len(schema.Schemas[0].Tables) != 1 || schema.Schemas[0].Tables[0].Name != "beans" {
		t.Errorf("got %+v, %v", schema, err)
	}
	if err := lease.Client.Cancel(t.Context(), "run"); err != nil {
		t.Fatal(err)
	}
	await(t, ended)
}

func TestConnectionTest(t *testing.T) {
	t.Parallel()
	b := started(t, "", nil)
	var steps []engine.CheckStep
	report := func(s engine.CheckStep) { steps = append(steps, s) }
	info, err := b.Test(t.Context(), "sqlite", b.src.Settings, false, report)
	if err != nil || !strings.HasPrefix(info.ServerVersion, "SQLite 3") {
		t.Errorf("got %+v, %v", info, err)
	}
	if len(steps) < 4 || steps[0].Name != engine.StepWorker || steps[0].Done || !steps[1].OK || steps[1].Label != "Started a worker" {
		t.Errorf("got steps %+v", steps)
	}
	var failed *engine.CheckError
	if _, err := b.Test(t.Context(), "sqlite", map[string]string{"path": "/nowhere/at.all"}, false, report); !errors.As(err, &failed) {
		t.Errorf("got %v, want the engine's CheckError", err)
	}
	if _, err := b.Test(t.Context(), "sqlite", nil, false, report); domain.CodeOf(err) != domain.Invalid {
		t.Errorf("no fields: got %v, want invalid", err)
	}
	eventually(t, soon, "the test workers to end", func() bool {
		list, _ := b.launcher.List(t.Context())
		return len(list) == 0
	})
	if len(b.Status()) != 0 {
		t.Errorf("a test left %+v", b.Status())
	}
}

func TestClosedPoolRefuses(t *testing.T) {
	t.Parallel()
	b := started(t, "", func(o *pool.Options) { o.MaxConns = 1 })
	lease := b.acquire(t)
	waited := make(chan error, 1)
	go func() {
		_, err := b.Acquire(context.Background(), b.src, nil)
		waited <- err
	}()
	eventually(t, soon, "a run to wait", func() bool { return b.status().Waiting == 1 })
	if err := b.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-waited; domain.CodeOf(err) != domain.Unavailable {
		t.Errorf("the waiting run: got %v, want unavailable", err)
	}
	<-lease.Lost()
	if _, err := b.Acquire(t.Context(), b.src, nil); domain.CodeOf(err) != domain.Unavailable {
		t.Errorf("got %v, want unavailable", err)
	}
}
