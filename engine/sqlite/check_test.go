package sqlite

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"dribble/domain"
	"dribble/engine"
)

func TestCheckPasses(t *testing.T) {
	t.Parallel()
	path := newFile(t, "CREATE TABLE small (x)", "CREATE TABLE large (x)", "CREATE VIEW v AS SELECT * FROM small",
		"INSERT INTO small VALUES (1)", "INSERT INTO large VALUES (1), (2), (3)", "ANALYZE")
	var steps []engine.CheckStep
	info, err := openFile(t, path, true).Check(context.Background(), func(s engine.CheckStep) { steps = append(steps, s) })
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(info.ServerVersion, "SQLite 3.") || info.Tables != 2 || info.LargestTable != "main.large" ||
		info.LargestRows != 3 || info.CanWrite != "No, the source is read-only" || info.Latency <= 0 {
		t.Errorf("info = %+v", info)
	}
	want := []string{engine.StepHost, engine.StepTLS, engine.StepSignIn, engine.StepSchema}
	if len(steps) != 2*len(want) {
		t.Fatalf("steps = %+v, want a beginning and an end of each of %v", steps, want)
	}
	for i, name := range want {
		begun, ended := steps[2*i], steps[2*i+1]
		if begun.Name != name || begun.Done || ended.Name != name || !ended.Done || !ended.OK || ended.Label == "" {
			t.Errorf("step %s: began %+v, ended %+v", name, begun, ended)
		}
	}
}

func TestCheckExplainsFailures(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name string, content []byte, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	fifo := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(newFile(t, "CREATE TABLE t (x)", "INSERT INTO t VALUES (1)"))
	if err != nil {
		t.Fatal(err)
	}
	damaged := append([]byte{}, good...)
	copy(damaged[100:4096], strings.Repeat("\xff", 3000))
	tests := []struct{ name, path, title string }{
		{"missing file", filepath.Join(dir, "missing.db"), "There is no file"},
		{"missing folder", filepath.Join(dir, "a", "b.db"), "There is no file"},
		{"folder", dir, "is a folder"},
		{"pipe", fifo, "is not a regular file"},
		{"text file", write("notes.txt", []byte(strings.Repeat("hello, this is no database\n", 200)), 0o600), "is not a SQLite database"},
		{"damaged", write("damaged.db", damaged, 0o600), "is damaged"},
		{"name in memory", filepath.Join(dir, ":memory:"), "There is no file"},
		{"uri", "file:" + write("uri.db", good, 0o600) + "?mode=rwc", "There is no file"},
	}
	for _, tt := range tests {
		for _, readOnly := range []bool{true, false} {
			db := openFile(t, tt.path, readOnly)
			var last engine.CheckStep
			_, err := db.Check(context.Background(), func(s engine.CheckStep) { last = s })
			var e *engine.CheckError
			if !errors.As(err, &e) || !strings.Contains(e.Title, tt.title) || e.Field != fieldPath || len(e.Remedies) == 0 || e.Raw == "" {
				t.Errorf("%s: check error %+v, want a title with %q", tt.name, e, tt.title)
			}
			if !last.Done || last.OK || last.Name != engine.StepHost {
				t.Errorf("%s: last step %+v, want a failed host step", tt.name, last)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "missing.db")); err == nil {
		t.Error("a missing file was made")
	}
	_, err = openFile(t, filepath.Join(dir, "missing.db"), true).Session(context.Background())
	if codeOf(err) != domain.CodeConnection {
		t.Errorf("session on a missing file: %v, want code %q", err, domain.CodeConnection)
	}
}

// TestCheckWithoutPermission looks at a file as another account would. It needs
// to be root to become that account for one thread.
func TestCheckWithoutPermission(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to look at the file as another account")
	}
	path := newFile(t, "CREATE TABLE t (x)")
	db := openFile(t, path, true)
	runtime.LockOSThread() // not unlocked: the thread ends with the goroutine
	if err := syscall.Setfsuid(65534); err != nil {
		t.Skip(err)
	}
	_, err := db.Check(context.Background(), func(engine.CheckStep) {})
	_ = syscall.Setfsuid(0)
	var e *engine.CheckError
	if !errors.As(err, &e) || !strings.Contains(e.Title, "may not open") {
		t.Errorf("error = %+v, want one about permission", err)
	}
}

func TestLockedFile(t *testing.T) {
	t.Parallel()
	path := newFile(t, "CREATE TABLE t (x)")
	holder := newSession(t, openFile(t, path, false))
	mustRun(t, holder, "PRAGMA locking_mode = EXCLUSIVE")
	mustRun(t, holder, "BEGIN EXCLUSIVE")
	db := openFile(t, path, false)

	s := newSession(t, db)
	ctx, cancel := context.WithCancelCause(context.Background())
	time.AfterFunc(50*time.Millisecond, func() { cancel(errGone) })
	began := time.Now()
	if _, err := s.Exec(ctx, engine.Statement{Text: "SELECT * FROM t"}, discard{}); !errors.Is(err, errGone) {
		t.Errorf("cancel while waiting for a lock: %v, want the cause", err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("cancel while waiting for a lock took %s", took)
	}

	began = time.Now()
	_, err := db.Check(context.Background(), func(engine.CheckStep) {})
	var e *engine.CheckError
	if !errors.As(err, &e) || !strings.Contains(e.Title, "is locked") {
		t.Errorf("check of a locked file: %+v", err)
	}
	if took := time.Since(began); took < busyTimeout-time.Second || took > busyTimeout+5*time.Second {
		t.Errorf("gave up after %s, want about %s", took, busyTimeout)
	}
	mustRun(t, holder, "ROLLBACK")
	if err := holder.Close(); err != nil {
		t.Fatal(err)
	}
	mustRun(t, s, "SELECT * FROM t")
}

func TestReplacedAndVanishedFile(t *testing.T) {
	t.Parallel()
	path := newFile(t, "CREATE TABLE t (x)", "INSERT INTO t VALUES ('old')")
	db := openFile(t, path, true)
	value := func() string {
		s, err := db.Session(context.Background())
		if err != nil {
			return codeOf(err)
		}
		defer s.Close()
		return mustRun(t, s, "SELECT x FROM t").value()
	}
	if got := value(); got != "old" {
		t.Fatalf("value = %q", got)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if got := value(); got != domain.CodeConnection {
		t.Errorf("with the file gone: %q, want %q", got, domain.CodeConnection)
	}
	if err := os.Rename(newFile(t, "CREATE TABLE t (x)", "INSERT INTO t VALUES ('new')"), path); err != nil {
		t.Fatal(err)
	}
	if got := value(); got != "new" {
		t.Errorf("with the file replaced: %q, want new", got)
	}
}
