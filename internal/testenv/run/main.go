// Command run starts private PostgreSQL, MariaDB and Redis servers, finds
// Chromium, runs a command with their addresses in its environment, and stops
// and removes everything when the command ends or a signal comes:
//
//	go run ./internal/testenv/run -- go test ./...
//
// It prints one table of what was used and what was skipped, before and after.
// Its exit code is the command's; a service that DRIBBLE_TEST_REQUIRE names and
// that cannot start ends it with 1 before the command runs.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"dribble/internal/testenv/service"
)

func main() {
	args := os.Args[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		fmt.Fprintln(os.Stderr, "usage: run -- command [argument …]")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	code := run(ctx, args)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string) int {
	services := startAll(ctx)
	defer stopAll(services)
	printTable(os.Stdout, services)
	if err := missingRequired(services); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	began := time.Now()
	code, err := command(ctx, args, services)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	fmt.Println()
	printTable(os.Stdout, services)
	outcome := "passed"
	if code != 0 {
		outcome = fmt.Sprintf("failed with exit code %d", code)
	}
	fmt.Printf("%s: %s after %s\n", strings.Join(args, " "), outcome, time.Since(began).Round(100*time.Millisecond))
	return code
}

// used is one service and what became of it.
type used struct {
	kind    service.Kind
	version string
	env     string // "NAME=value"
	process *service.Process
	err     error
}

func startAll(ctx context.Context) []*used {
	starters := []func(context.Context) (service.Server, *service.Process, error){
		service.StartPostgres, service.StartMariaDB, service.StartRedis,
	}
	kinds := []service.Kind{service.KindPostgres, service.KindMariaDB, service.KindRedis}
	services := make([]*used, 0, len(kinds)+1)
	var wait sync.WaitGroup
	for i, start := range starters {
		u := &used{kind: kinds[i]}
		services = append(services, u)
		wait.Go(func() {
			server, process, err := start(ctx)
			u.version, u.process, u.err = server.Version, process, err
			if err == nil {
				u.env = u.kind.Variable() + "=" + server.URL()
			}
		})
	}
	wait.Wait()
	browser := &used{kind: service.KindChromium}
	path, version, err := service.FindChromium()
	if browser.version, browser.err = version, err; err == nil {
		browser.env = browser.kind.Variable() + "=" + path
	}
	return append(services, browser)
}

func stopAll(services []*used) {
	var wait sync.WaitGroup
	for _, u := range services {
		if u.process != nil {
			wait.Go(u.process.Stop)
		}
	}
	wait.Wait()
}

// command runs args in a process group of its own, so that a signal reaches all
// of it, and returns its exit code.
func command(ctx context.Context, args []string, services []*used) (int, error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = os.Environ()
	for _, u := range services {
		if u.env != "" {
			cmd.Env = append(cmd.Env, u.env)
		}
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0, nil
	case ctx.Err() != nil:
		return 130, errors.New("stopped by a signal")
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		return exit.ExitCode(), nil
	default:
		return 1, fmt.Errorf("run %s: %w", args[0], err)
	}
}

func missingRequired(services []*used) error {
	required := strings.Split(os.Getenv("DRIBBLE_TEST_REQUIRE"), ",")
	var missing []string
	for _, u := range services {
		if u.err != nil && slices.Contains(required, string(u.kind)) {
			missing = append(missing, fmt.Sprintf("%s (%v)", u.kind, u.err))
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("required but not available: %s", strings.Join(missing, ", "))
}
