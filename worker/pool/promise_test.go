package pool_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What is promised of faults, on a machine that has time for them.
const (
	seen     = 2 * time.Second // until a fault shows
	replaced = 5 * time.Second // until the next run works
	stopped  = time.Second     // until a cancelled run has ended
)

// soon ends a wait for something that has no promise; only a failure takes so long.
const soon = time.Minute

// within is a promise with what a busy machine may add to it. All packages are
// tested at once: with five processes waiting for each core, each of a worker's
// many small steps comes several turns late.
func within(promise time.Duration) time.Duration {
	const always, perTurn = 2 * time.Second, time.Second
	return promise + always + time.Duration(load()/float64(runtime.NumCPU())*float64(perTurn))
}

// load is the number of processes that wanted to run in the last minute.
func load() float64 {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), " ")
	n, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return 0
	}
	return n
}

// halt stops the worker as a hang would, and returns when it stands still: until
// then it still answers calls.
func (b *bench) halt(t *testing.T) {
	t.Helper()
	pid := b.status().Pid
	b.kill(t, syscall.SIGSTOP)
	eventually(t, soon, "the worker to stand still", func() bool {
		threads, err := filepath.Glob(procFile(pid, "task/*/stat"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range threads {
			text, err := os.ReadFile(file)
			if err != nil || !strings.Contains(string(text), ") T ") {
				return false
			}
		}
		return len(threads) > 0
	})
}
