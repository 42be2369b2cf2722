// Command dribble is the whole product in one binary: the web server, the worker
// that it starts for each source, and the administrator's commands.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"dribble/domain"
)

// version is set at build time.
var version = "dev" //nolint:gochecknoglobals // written by the linker

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], environment{os.Getenv, os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// environment is what the program reads and writes, so that tests can run it.
type environment struct {
	getenv func(string) string
	in     io.Reader
	out    io.Writer
	err    io.Writer
}

type command struct {
	name, help string
	run        func(ctx context.Context, args []string, env environment) error
}

func commands() []command {
	return []command{
		{"serve", "serve the workspace (the default)", serve},
		{"migrate", "bring the metadata database up to date, or back one step", migrate},
		{"token", "create, list or delete API tokens", token},
		{"health", "ask a running server whether it is healthy", health},
		{"version", "print the version", func(_ context.Context, _ []string, env environment) error {
			_, err := fmt.Fprintln(env.out, "dribble", version)
			return err
		}},
		{"worker", "run one source's queries (started by serve, not by hand)", runWorker},
	}
}

// run executes one command and returns the exit code: 0, 1 for a failure told in
// one line, 2 for a command that there is not.
func run(ctx context.Context, args []string, env environment) int {
	name := "serve"
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, args = args[0], args[1:]
	} else if len(args) > 0 && isHelp(args[0]) {
		usage(env.out)
		return 0
	}
	if name == "help" {
		usage(env.out)
		return 0
	}
	for _, c := range commands() {
		if c.name != name {
			continue
		}
		err := c.run(ctx, args, env)
		if err == nil || errors.Is(err, flag.ErrHelp) {
			return 0
		}
		_, _ = fmt.Fprintf(env.err, "dribble: %s\n", public(err))
		return 1
	}
	_, _ = fmt.Fprintf(env.err, "dribble: there is no command %q; see dribble --help\n", name)
	return 2
}

func isHelp(arg string) bool { return arg == "-h" || arg == "-help" || arg == "--help" }

// public is what the operator at the terminal reads: one line, with the cause,
// since the operator is the one who can mend it.
func public(err error) string {
	var e *domain.Error
	if errors.As(err, &e) {
		text := e.Message
		if e.Hint != "" {
			text += " " + e.Hint
		}
		if e.Err != nil {
			text += " (" + e.Err.Error() + ")"
		}
		return strings.ReplaceAll(text, "\n", "; ")
	}
	return strings.ReplaceAll(err.Error(), "\n", "; ")
}

func usage(out io.Writer) {
	_, _ = fmt.Fprint(out, "Dribble is a web SQL workspace.\n\nUsage: dribble [command] [flags]\n\nCommands:\n")
	for _, c := range commands() {
		_, _ = fmt.Fprintf(out, "  %-9s %s\n", c.name, c.help)
	}
	_, _ = fmt.Fprint(out, "\nWithout a command it serves. dribble serve --help lists every setting.\n")
}

// newLogger writes to stderr in the format and from the level of the settings.
func newLogger(c config, out io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.LogLevel)) // checked when it was read
	options := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(out, options))
	}
	return slog.New(slog.NewTextHandler(out, options))
}
