package pool_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"dribble/engine/all"
	"dribble/worker"
	"dribble/worker/serve"
)

// The test binary is its own worker: the launcher runs it as "<binary> worker …".
// Under another name it is a worker with that fault.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		os.Exit(beWorker(filepath.Base(os.Args[0]), os.Args[2:]))
	}
	if len(os.Args) > 2 && os.Args[1] == "server" {
		os.Exit(beServer(os.Args[2]))
	}
	os.Exit(m.Run())
}

// Faults a worker can have, by the name of its binary.
const (
	crashAtStart     = "crash-at-start"
	dieInConfigure   = "die-in-configure"
	oldProtocol      = "old-protocol"
	otherToken       = "other-token"
	neverReady       = "never-ready"
	tooLittleMemory  = "too-little-memory"
	smallFiles       = "small-files"
	talksAtStart     = "talks-at-start"
	crashAtFirstOnly = "crash-at-first-only"
)

// Bounds of workers with little room, in bytes.
const (
	littleMemory = 60 << 20
	smallFile    = 1 << 20
)

func beWorker(name string, args []string) int {
	var stdin io.Reader = os.Stdin
	switch name {
	case crashAtStart:
		return 3
	case neverReady:
		time.Sleep(time.Minute)
	case otherToken:
		stdin = strings.NewReader("another token\n")
		args = without(args, "--die-with-parent")
	case tooLittleMemory:
		args = append(args, "--max-memory", strconv.Itoa(littleMemory))
	case smallFiles:
		args = append(args, "--max-file", strconv.Itoa(smallFile))
	case talksAtStart:
		_, _ = os.Stderr.WriteString("first line\n\nsecond " + strings.Repeat("x", 20_000) + "\nlast, without an end")
		args = append(args, "--max-memory", "0") // and so no word about a bound that cannot be had
	case crashAtFirstOnly:
		marker := os.Args[0] + ".crashed"
		if _, err := os.Stat(marker); err != nil {
			_ = os.WriteFile(marker, nil, 0o600)
			return 3
		}
	case dieInConfigure, oldProtocol:
		return beFake(name, args)
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	if err := serve.Main(context.Background(), args, stdin, all.Engines(), log); err != nil {
		log.Error("worker ends", "error", err)
		return 1
	}
	return 0
}

// beFake is a worker that speaks the protocol wrongly.
func beFake(name string, args []string) int {
	var socket string
	for i, a := range args {
		if a == "--listen" {
			socket = strings.TrimPrefix(args[i+1], "unix:")
		}
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return 1
	}
	go func() { // dies with its parent all the same
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	h := worker.Health{Protocol: worker.Version}
	if name == oldProtocol {
		h.Protocol = worker.Version - 1
	}
	err = http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == worker.PathConfigure {
			os.Exit(3)
		}
		_ = json.NewEncoder(w).Encode(h)
	}))
	if err != nil {
		return 1
	}
	return 0
}

func without(args []string, drop string) []string {
	var kept []string
	for _, a := range args {
		if a != drop {
			kept = append(kept, a)
		}
	}
	return kept
}
