package serve

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"dribble/engine"
)

// Memory of a worker process, in bytes.
const (
	defaultSoftMemory = 40 << 20  // Go's collector works harder from here
	defaultMaxMemory  = 512 << 20 // the worker gives up here
	collectAt         = 50        // percent of growth between collections
)

// defaultMaxFile bounds each file that a worker writes, in bytes: a sort without
// end must not fill the disk. A SQLite source's own file is held to it too.
const defaultMaxFile = 16 << 30

// maxToken bounds the first line of standard input, in bytes.
const maxToken = 1 << 10

// Main is the command "worker". Its token is the first line of stdin, never an
// argument or a variable, for others can read those. Flags:
//
//	--listen unix:/path or tcp:host:port   where to answer calls (needed)
//	--die-with-parent                      end when the parent does: watch stdin
//	--soft-memory, --max-memory bytes      see the defaults above; 0 = no bound
//	--max-file bytes                       of each file written; 0 = no bound
//	--idle-exit duration                   see Options.IdleExit
//
// It returns when ctx ends or the process is told to (SIGTERM, SIGINT): then the
// error is nil.
func Main(ctx context.Context, args []string, stdin io.Reader, engines []engine.Engine, log *slog.Logger) error {
	flags := flag.NewFlagSet("worker", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	listen := flags.String("listen", "", "")
	bound := flags.Bool("die-with-parent", false, "")
	soft := flags.Int64("soft-memory", defaultSoftMemory, "")
	hard := flags.Int64("max-memory", defaultMaxMemory, "")
	file := flags.Int64("max-file", defaultMaxFile, "")
	idle := flags.Duration("idle-exit", defaultIdleExit, "")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("worker arguments: %w", err)
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()

	input := bufio.NewReaderSize(stdin, maxToken)
	token, err := readToken(input)
	if err != nil {
		return err
	}
	listener, err := open(ctx, *listen)
	if err != nil {
		return err
	}
	harden(*bound)
	limitMemory(*soft)
	bounds{memory: *hard, fileSize: *file}.apply(ctx, log)
	if *bound {
		go func() {
			_, _ = io.Copy(io.Discard, input) // ends when the parent's end of the pipe closes
			stop()
		}()
	}
	return Serve(ctx, Options{
		Listener: listener, Token: token, Engines: engines, Log: log, IdleExit: *idle, MaxRSS: *hard,
	})
}

func readToken(input *bufio.Reader) (string, error) {
	line, err := input.ReadSlice('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read token: %w", err)
	}
	token := strings.TrimSpace(string(line))
	if token == "" {
		return "", errors.New("worker: the token must be the first line of standard input")
	}
	return token, nil
}

// open listens on "unix:/path" or "tcp:host:port". The socket is the owner's only.
func open(ctx context.Context, listen string) (net.Listener, error) {
	network, address, ok := strings.Cut(listen, ":")
	if !ok || network != "unix" && network != "tcp" {
		return nil, fmt.Errorf("worker: --listen must be unix:/path or tcp:host:port, not %q", listen)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, network, address)
	if err != nil {
		return nil, fmt.Errorf("worker: %w", err)
	}
	if network == "unix" {
		if err := os.Chmod(address, 0o600); err != nil {
			_ = listener.Close()
			return nil, fmt.Errorf("worker: %w", err)
		}
	}
	return listener, nil
}

// limitMemory keeps the heap small: a worker passes rows on and keeps none.
func limitMemory(soft int64) {
	if soft <= 0 {
		return
	}
	debug.SetMemoryLimit(soft)
	debug.SetGCPercent(collectAt)
}
