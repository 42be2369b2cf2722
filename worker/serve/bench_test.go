package serve

import (
	"context"
	"log/slog"
	"net"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"dribble/engine"
	"dribble/worker"
)

// What a busy machine may add to a promise: all packages are tested at once, on
// cores that others want too.
const margin = 4 * time.Second

// soon ends a wait for something that has no promise; only a failure takes so long.
const soon = 30 * time.Second

// bench is a running worker and a client of it.
type bench struct {
	*worker.Client
	engine *scripted
	socket string
	ended  chan error // gets Serve's result
	stop   context.CancelFunc
}

// bare starts a worker without a configuration.
func bare(t *testing.T, e *scripted, change func(*Options)) *bench {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "w.sock")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	opt := Options{Listener: listener, Token: "token", Engines: []engine.Engine{e}, Log: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&opt)
	}
	ctx, stop := context.WithCancel(context.Background())
	b := &bench{
		Client: worker.NewClient("unix", socket, "token"), engine: e, socket: socket,
		ended: make(chan error, 1), stop: stop,
	}
	ended := make(chan struct{})
	go func() {
		b.ended <- Serve(ctx, opt)
		close(ended)
	}()
	t.Cleanup(func() {
		b.Close()
		stop()
		<-ended
	})
	return b
}

// started starts a worker and configures it.
func started(t *testing.T, e *scripted, change func(*Options)) *bench {
	t.Helper()
	b := bare(t, e, change)
	if err := b.Configure(t.Context(), worker.Configuration{Engine: "scripted", SpecHash: "h"}); err != nil {
		t.Fatal(err)
	}
	return b
}

// outcome is a whole run as its reader sees it.
type outcome struct {
	ends    []worker.End
	done    worker.Done
	rows    int64
	batches []int // rows of each
	notices []string
	err     error // io.EOF for a whole stream
}

func exec(limits worker.Limits, texts ...string) worker.Exec {
	e := worker.Exec{RunID: "run", Limits: limits}
	for i, text := range texts {
		e.Statements = append(e.Statements, worker.Statement{Seq: i, Text: text})
	}
	return e
}

func (b *bench) run(t *testing.T, e worker.Exec, each func(worker.Frame)) outcome {
	t.Helper()
	s, err := b.Exec(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var o outcome
	for {
		f, err := s.Next()
		if err != nil {
			o.err = err
			return o
		}
		switch f.Type {
		case worker.FrameBatch:
			n, _ := f.Batch()
			o.rows += int64(n)
			o.batches = append(o.batches, n)
		case worker.FrameEnd:
			e, _ := f.End()
			o.ends = append(o.ends, e)
		case worker.FrameNotice:
			n, _ := f.Notice()
			o.notices = append(o.notices, n.Text)
		case worker.FrameDone:
			o.done, _ = f.Done()
		}
		if each != nil {
			each(f)
		}
	}
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(soon); ; time.Sleep(5 * time.Millisecond) {
		if is() {
			return
		}
		if time.Now().After(deadline) {
			buf := make([]byte, 1<<16)
			t.Fatalf("waited in vain for %s\n%s", what, buf[:runtime.Stack(buf, true)])
		}
	}
}
