package pool

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"dribble/worker"
)

// Times of a worker process's start and stop.
const (
	readyTimeout = 5 * time.Second
	readyPoll    = 2 * time.Millisecond // grows up to ten times
	termGrace    = 2 * time.Second
)

// ProcessOptions configure a ProcessLauncher.
type ProcessOptions struct {
	// Binary is run as "<binary> worker …"; "" means this very program.
	Binary string
	// Dir holds sockets and records, and is made with mode 0700. If its path
	// is too long for a socket, one below the system's temporary folder stands
	// in for the sockets.
	Dir string
	Log *slog.Logger
}

// ProcessLauncher runs workers as child processes, each behind a unix socket and
// in a process group of its own. They die with this process.
type ProcessLauncher struct {
	opt     ProcessOptions
	sockets string

	mu    sync.Mutex
	procs map[string]*process
}

var _ Launcher = (*ProcessLauncher)(nil)

// process is one child.
type process struct {
	instance Instance
	cmd      *exec.Cmd
	done     chan struct{}
	exit     string // set before done is closed
}

// NewProcessLauncher makes the launcher and its folder.
func NewProcessLauncher(opt ProcessOptions) (*ProcessLauncher, error) {
	if opt.Binary == "" {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("find own binary: %w", err)
		}
		opt.Binary = self
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	dir, err := filepath.Abs(opt.Dir)
	if err != nil {
		return nil, fmt.Errorf("worker folder: %w", err)
	}
	opt.Dir = dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("worker folder: %w", err)
	}
	sockets, err := socketDir(dir)
	if err != nil {
		return nil, err
	}
	return &ProcessLauncher{opt: opt, sockets: sockets, procs: map[string]*process{}}, nil
}

// Name returns "process".
func (*ProcessLauncher) Name() string { return "process" }

// Start starts a worker and waits until it answers.
func (l *ProcessLauncher) Start(ctx context.Context, spec Spec) (Instance, error) {
	p, err := l.launch(spec)
	if err != nil {
		return Instance{}, err
	}
	if err := ready(ctx, p, spec.Token); err != nil {
		_ = l.Stop(context.WithoutCancel(ctx), spec.ID) // the start's error says more
		return Instance{}, err
	}
	return p.instance, nil
}

// launch starts the child and the goroutine that reaps it.
func (l *ProcessLauncher) launch(spec Spec) (*process, error) {
	socket := l.socket(spec.ID)
	args := []string{"worker", "--listen", "unix:" + socket, "--die-with-parent"}
	if spec.MemoryLimit > 0 {
		args = append(args, "--max-memory", strconv.FormatInt(spec.MemoryLimit, 10))
	}
	output := newLines(l.opt.Log.With("source", spec.SourceID, "worker", spec.ID))
	cmd := exec.Command(l.opt.Binary, args...)
	cmd.Env = environment()
	cmd.Stdout, cmd.Stderr = output, output
	cmd.SysProcAttr = ownGroup()
	cmd.WaitDelay = time.Second // for output held open by a process the child left
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start worker: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start worker: %w", err)
	}
	p := &process{cmd: cmd, done: make(chan struct{})}
	p.instance = Instance{
		ID: spec.ID, InstanceID: spec.InstanceID, SourceID: spec.SourceID, SpecHash: spec.SpecHash,
		Network: "unix", Address: socket, Pid: cmd.Process.Pid, StartedAt: time.Now(),
		Done: p.done, Exit: func() string { return p.exit },
	}
	l.mu.Lock()
	l.procs[spec.ID] = p
	l.mu.Unlock()
	if err := l.record(p.instance); err != nil {
		l.opt.Log.Warn("record worker", "worker", spec.ID, "error", err)
	}
	go l.reap(p, output)
	// The pipe stays open as long as this process lives: its end tells the
	// worker that it is alone. A child that died already shows in reap.
	_, _ = stdin.Write([]byte(spec.Token + "\n"))
	return p, nil
}

// reap waits for a child's end, whatever caused it.
func (l *ProcessLauncher) reap(p *process, output *lines) {
	err := p.cmd.Wait()
	output.flush()
	p.exit = "it ended by itself"
	if err != nil {
		p.exit = err.Error()
	}
	l.forget(p.instance.ID)
	l.mu.Lock()
	delete(l.procs, p.instance.ID)
	l.mu.Unlock()
	close(p.done)
}

// ready polls a new worker until it answers, has ended, or took too long.
func ready(ctx context.Context, p *process, token string) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	client := worker.NewClient(p.instance.Network, p.instance.Address, token)
	defer client.Close()
	pause := time.NewTimer(readyPoll)
	defer pause.Stop()
	for delay := readyPoll; ; delay = min(delay*5/4, 10*readyPoll) {
		if _, err := client.Health(ctx); err == nil {
			return nil
		}
		pause.Reset(delay)
		select {
		case <-pause.C:
		case <-p.done:
			return &exitError{status: p.exit}
		case <-ctx.Done():
			return fmt.Errorf("wait for worker: %w", context.Cause(ctx))
		}
	}
}

// Stop ends a worker: SIGTERM, after two seconds SIGKILL.
func (l *ProcessLauncher) Stop(ctx context.Context, id string) error {
	l.mu.Lock()
	p := l.procs[id]
	l.mu.Unlock()
	if p == nil {
		return l.stopLeftover(id)
	}
	p.signal(syscall.SIGTERM)
	p.signal(syscall.SIGCONT) // a halted process takes no SIGTERM
	grace := time.NewTimer(termGrace)
	defer grace.Stop()
	select {
	case <-p.done:
		return nil
	case <-grace.C:
	case <-ctx.Done():
	}
	p.signal(syscall.SIGKILL)
	select {
	case <-p.done:
		return nil
	case <-time.After(termGrace):
		return errors.New("worker process does not end even by SIGKILL")
	}
}

// signal reaches the child's whole group. A child that has ended is no error.
func (p *process) signal(s syscall.Signal) {
	select {
	case <-p.done:
	default:
		_ = syscall.Kill(-p.instance.Pid, s)
	}
}

// List returns the children, and live workers that a crashed server left behind.
func (l *ProcessLauncher) List(context.Context) ([]Instance, error) {
	leftovers, err := l.leftovers()
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]Instance, 0, len(l.procs)+len(leftovers))
	for _, p := range l.procs {
		list = append(list, p.instance)
	}
	return append(list, leftovers...), err
}

// environment is all that a worker inherits: nothing that could hold a secret.
func environment() []string {
	var env []string
	for _, name := range []string{"TZ", "HOME", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}
