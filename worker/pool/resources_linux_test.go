package pool_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"dribble/domain"
	"dribble/worker"
	"dribble/worker/pool"
)

// sortOfEverything spills into temporary files without end.
const sortOfEverything = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT randomblob(20000) AS r FROM n ORDER BY r"

// holding is a query without end that holds n texts of 40 MB.
func holding(n int) string {
	text := endlessWork + " WHERE true"
	for i := range n {
		text += fmt.Sprintf(" AND i != hex(zeroblob(%d))", 20_000_000+i)
	}
	return text
}

// failure runs a statement that must not succeed. It returns the statement's
// error, or nil if the worker died of it.
func failure(t *testing.T, lease *pool.Lease, text string) *domain.SQLError {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	var failed *domain.SQLError
	_, done, err := query(ctx, lease, "bad", text, func(f worker.Frame) {
		if f.Type == worker.FrameEnd {
			end, _ := f.End()
			failed = end.Error
		}
	})
	switch {
	case err != nil && !errors.Is(err, worker.ErrLost):
		t.Fatalf("got %v, want an error of the statement or ErrLost", err)
	case err == nil && (done.Status != domain.RunError || failed == nil):
		t.Fatalf("got %+v, %v, want an end that is no success", done, failed)
	}
	t.Logf("the statement ended with %v, %v", failed, err)
	return failed
}

func slowGrowth(t *testing.T) {
	if isRace {
		t.Skip("no bound on memory under the race detector")
	}
	b := started(t, tooLittleMemory, nil)
	lease := b.acquire(t)
	failed := failure(t, lease, holding(1))
	if failed == nil || failed.Code != domain.CodeWorkerLost || !strings.Contains(failed.Message, "too much memory") {
		t.Errorf("got %v, want word of the memory", failed)
	}
	waitLost(t, lease)
	lease.Release()
	b.works(t, replaced)
}

func memoryBomb(t *testing.T) {
	if isRace {
		t.Skip("no bound on memory under the race detector")
	}
	b := started(t, tooLittleMemory, nil)
	lease := b.acquire(t)
	failed := failure(t, lease, holding(20))
	if failed != nil && failed.Code != "SQLITE_NOMEM" && failed.Code != domain.CodeWorkerLost {
		t.Errorf("got %v, want word of memory", failed)
	}
	lease.Release()
	b.works(t, replaced)
}

func largeFile(t *testing.T) {
	b := started(t, smallFiles, nil)
	lease := b.acquire(t)
	if failed := failure(t, lease, sortOfEverything); failed == nil || !strings.HasPrefix(failed.Code, "SQLITE_IOERR") {
		t.Errorf("got %v, want the failed write of a temporary file", failed)
	}
	lease.Release()
	b.works(t, replaced)
	if next := b.acquire(t); next.WorkerID != lease.WorkerID {
		t.Error("the worker did not survive a file that may not grow")
	}
}

func noDescriptors(t *testing.T) {
	b := started(t, "", nil)
	lease := b.acquire(t)
	if _, _, err := query(t.Context(), lease, "warm", threeRows, nil); err != nil {
		t.Fatal(err)
	}
	pid := b.status().Pid
	before := limitFiles(t, pid, syscall.Rlimit{Cur: 0, Max: 1024})
	failed := failure(t, lease, sortOfEverything)
	if failed != nil && failed.Code == domain.CodeWorkerLost {
		// On a very busy machine the worker is given up before the sort needs a
		// file, for it cannot take the health call either.
		lease.Release()
		b.works(t, replaced)
		return
	}
	if failed == nil || failed.Code != "SQLITE_CANTOPEN" {
		t.Errorf("got %v, want the temporary file that could not be opened", failed)
	}
	// A second run needs a second connection, which this worker cannot take: it
	// gets another worker.
	ended := begin(t, lease, endlessWork)
	b.works(t, replaced)
	limitFiles(t, pid, before)
	if err := b.Stop(t.Context(), b.src.ID); err != nil {
		t.Error(err)
	}
	await(t, ended)
	b.works(t, replaced)
}

// limitFiles changes how many files a process may open and returns what it was.
func limitFiles(t *testing.T, pid int, to syscall.Rlimit) (before syscall.Rlimit) {
	t.Helper()
	_, _, errno := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(pid), syscall.RLIMIT_NOFILE,
		uintptr(unsafe.Pointer(&to)), uintptr(unsafe.Pointer(&before)), 0, 0)
	if errno != 0 {
		t.Fatalf("prlimit: %v", errno)
	}
	return before
}

// The kernel knows the bounds, so that nothing has to be noticed first.
func TestKernelHoldsTheWorker(t *testing.T) {
	t.Parallel()
	b := started(t, "", func(o *pool.Options) { o.MemoryLimit = 300 << 20 })
	b.acquire(t)
	text, err := os.ReadFile(procFile(b.status().Pid, "limits"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"Max open files": "1024", "Max file size": fmt.Sprint(16 << 30), "Max core file size": "0",
		"Max data size": fmt.Sprint((300 + 256) << 20),
	}
	if isRace {
		delete(want, "Max data size")
	}
	for line := range strings.Lines(string(text)) {
		for name, bound := range want {
			if rest, ok := strings.CutPrefix(line, name); ok {
				delete(want, name)
				if fields := strings.Fields(rest); fields[0] != bound || fields[1] != bound {
					t.Errorf("%s: got %v, want %s", name, fields, bound)
				}
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("nothing is said of %v", want)
	}
}

// A full temporary folder fails the statements that need it, with words that say
// so; others run, and workers start.
func TestFullTemporaryFolder(t *testing.T) {
	dir, err := os.MkdirTemp("", "full")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(dir) })
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("a small file system cannot be had: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	t.Setenv("TMPDIR", dir) // of the workers' sockets and records too
	b := started(t, "", nil)
	lease := b.acquire(t)
	failed := failure(t, lease, sortOfEverything)
	if failed == nil || failed.Code != "SQLITE_FULL" || !strings.Contains(failed.Hint, "full") {
		t.Errorf("got %v, want word of the full disk", failed)
	}
	lease.Release()
	b.works(t, replaced)
	fill(t, filepath.Join(dir, "filler"))
	b.works(t, replaced)
	b.kill(t, syscall.SIGKILL)
	waitLost(t, lease)
	b.works(t, replaced)
}

// fill writes a file until the disk is full.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
}
