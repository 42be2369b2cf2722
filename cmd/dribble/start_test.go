package main

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"dribble/internal/testenv"
)

// serverOn starts a server on a data folder that outlives it. The caller ends the
// process by cmd.
func serverOn(t *testing.T, data string, more ...string) (*product, *exec.Cmd) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, append([]string{"serve", "--addr", "127.0.0.1:0", "--data", data}, more...)...)
	p := &product{t: t, log: &output{}}
	cmd.Stderr = p.log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	_, address, found := strings.Cut(strings.TrimSpace(line), "Dribble is at ")
	if err != nil || !found {
		t.Fatalf("the server said %q (%v) and %s", line, err, p.log.text.String())
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	p.url, p.pid = address, cmd.Process.Pid
	return p, cmd
}

// activeIn counts the statements under way in a database of a test.
func activeIn(t *testing.T, s testenv.Server) func() int {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.ConnString())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return func() int {
		var n int
		if err := conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
			AND state <> 'idle' AND pid <> pg_backend_pid() AND backend_type = 'client backend'`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
}

// slowRun starts a run that sends rows for minutes and returns when some are there.
func slowRun(t *testing.T, p *product, server testenv.Server) string {
	t.Helper()
	src := p.addSource("slow", "postgres", server.Fields("disable"), false)
	id := p.call("POST", "/runs", map[string]any{
		"source_id": src, "sql": "SELECT g, repeat('x', 9000), pg_sleep(0.02) FROM generate_series(1, 100000) g",
	})["id"].(string)
	eventually(t, "rows arrive", 10*time.Second, func() bool { return p.call("GET", "/runs/"+id, nil)["row_count"].(float64) > 3 })
	return id
}

// TestStopWithARunUnderWay sends SIGTERM while a query runs and a page watches it.
func TestStopWithARunUnderWay(t *testing.T) {
	t.Parallel()
	server, data := testenv.Postgres(t).NewDatabase(t), t.TempDir()
	p, cmd := serverOn(t, data)
	id := slowRun(t, p, server)
	active := activeIn(t, server)
	if active() != 1 {
		t.Error("the statement is not active")
	}
	viewer, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = viewer.Close() }()
	if _, err := fmt.Fprintf(viewer, "GET /api/v1/runs/%s/events HTTP/1.1\r\nHost: localhost\r\n\r\n", id); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(viewer).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	workers := p.workers()
	start := time.Now()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	took := time.Since(start)
	t.Logf("SIGTERM with a running query and a viewer: exit after %v", took)
	if err != nil || took > 5*time.Second {
		t.Errorf("exit: %v after %v\n%s", err, took, p.log.text.String())
	}
	if n := active(); n != 0 {
		t.Errorf("%d statements are still active in the database", n)
	}
	for _, pid := range workers {
		if err := syscall.Kill(pid, 0); err == nil {
			t.Errorf("worker %d lives on", pid)
		}
	}
	again, _ := serverOn(t, data)
	run := again.call("GET", "/runs/"+id, nil)
	rows := again.call("GET", "/runs/"+id+"/rows?limit=1", nil)
	if run["status"] != "cancelled" || run["row_count"].(float64) < 4 || rows["row_count"] != run["row_count"] {
		t.Errorf("after the next start: %v with %v rows, of which %v are kept", run["status"], run["row_count"], rows["row_count"])
	}
}

// TestCrashWithARunUnderWay kills the server: the next start says what was cut off.
func TestCrashWithARunUnderWay(t *testing.T) {
	t.Parallel()
	server, data := testenv.Postgres(t).NewDatabase(t), t.TempDir()
	p, cmd := serverOn(t, data)
	id := slowRun(t, p, server)
	workers := p.workers()
	active := activeIn(t, server)
	start := time.Now()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	eventually(t, "the workers of the killed server end", 5*time.Second, func() bool {
		for _, pid := range workers {
			if syscall.Kill(pid, 0) == nil {
				return false
			}
		}
		return true
	})
	eventually(t, "the database is at rest", 5*time.Second, func() bool { return active() == 0 })
	t.Logf("kill -9 of the server: workers and statement gone after %v", time.Since(start))
	start = time.Now()
	again, _ := serverOn(t, data)
	t.Logf("the next start took %v", time.Since(start))
	if run := again.call("GET", "/runs/"+id, nil); run["status"] != "interrupted" {
		t.Errorf("the run that was under way is %v, want interrupted", run["status"])
	}
	if got := again.call("GET", "/runs?status=running", nil)["runs"].([]any); len(got) != 0 {
		t.Errorf("%d runs are still called running", len(got))
	}
	next := again.call("POST", "/runs", map[string]any{"source_id": again.sample(), "sql": "SELECT 1"})["id"].(string)
	if run := again.call("GET", "/runs/"+next+"?wait=10s", nil); run["status"] != "success" {
		t.Errorf("the next run: %v", run["status"])
	}
}

// TestWorkersGetTheirMemoryLimit reads the limit off the worker's process.
func TestWorkersGetTheirMemoryLimit(t *testing.T) {
	t.Parallel()
	p, _ := serverOn(t, t.TempDir(), "--worker-memory-mb", "100")
	id := p.call("POST", "/runs", map[string]any{"source_id": p.sample(), "sql": "SELECT 1"})["id"].(string)
	p.call("GET", "/runs/"+id+"?wait=10s", nil)
	workers := p.workers()
	if len(workers) != 1 {
		t.Fatalf("got workers %v, want one", workers)
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", workers[0]))
	if err != nil {
		t.Fatal(err)
	}
	if line := strings.ReplaceAll(string(text), "\x00", " "); !strings.Contains(line, "--max-memory 104857600 ") {
		t.Errorf("the worker runs as %q", line)
	}
}

// TestStartThatCannotBe starts a server in every way that cannot work: each ends
// with exit code 1 and one line that says what to do.
func TestStartThatCannotBe(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	busy := t.TempDir()
	serverOn(t, busy)
	for name, tt := range map[string]struct {
		args []string
		says string
	}{
		"taken port":            {[]string{"--addr", taken.Addr().String(), "--data", t.TempDir()}, "taken"},
		"folder is a file":      {[]string{"--addr", "127.0.0.1:0", "--data", file}, "cannot be written"},
		"folder in a file":      {[]string{"--addr", "127.0.0.1:0", "--data", filepath.Join(file, "x")}, "cannot be written"},
		"folder of the kernel":  {[]string{"--addr", "127.0.0.1:0", "--data", "/proc/nothing"}, "cannot be written"},
		"folder in use":         {[]string{"--addr", "127.0.0.1:0", "--data", busy}, "Another Dribble server"},
		"newer schema":          {[]string{"--addr", "127.0.0.1:0", "--data", newerSchema(t)}, "newer"},
		"no database":           {[]string{"--addr", "127.0.0.1:0", "--data", foreignFile(t)}, "cannot be opened"},
		"key of another":        {[]string{"--addr", "127.0.0.1:0", "--data", lostKey(t)}, "key"},
		"open to the network":   {[]string{"--addr", "0.0.0.0:0", "--data", t.TempDir()}, "loopback|127.0.0.1"},
		"no port":               {[]string{"--addr", "localhost", "--data", t.TempDir()}, "host:port"},
		"unknown flag":          {[]string{"--nope"}, "serve --help"},
		"bad number":            {[]string{"--max-rows", "many"}, "--max-rows"},
		"metadata unreachable":  {[]string{"--addr", "127.0.0.1:0", "--data", t.TempDir(), "--database-url", "postgres://u:secret-pw@127.0.0.1:1/d"}, ""},
		"metadata of no kind":   {[]string{"--addr", "127.0.0.1:0", "--data", t.TempDir(), "--database-url", "mysql://x"}, "postgres://"},
		"two faults, both told": {[]string{"--addr", "x", "--result-ttl", "soon", "--data", t.TempDir()}, "--result-ttl"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			cmd := exec.CommandContext(ctx, self, append([]string{"serve"}, tt.args...)...)
			var out, fault strings.Builder
			cmd.Stdout, cmd.Stderr = &out, &fault
			err = cmd.Run()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != 1 {
				t.Errorf("got %v, want exit code 1", err)
			}
			said := strings.Split(strings.TrimSpace(fault.String()), "\n")
			last := said[len(said)-1]
			known := false
			for word := range strings.SplitSeq(tt.says, "|") {
				known = known || strings.Contains(last, word)
			}
			if !strings.HasPrefix(last, "dribble: ") || !known || len(said) > 1 && !strings.HasPrefix(said[0], "time=") {
				t.Errorf("said %q, want one line with %q", fault.String(), tt.says)
			}
			if out.Len() > 0 || strings.Contains(fault.String(), "secret-pw") || strings.Contains(fault.String(), "goroutine") {
				t.Errorf("said %q and %q", out.String(), fault.String())
			}
		})
	}
}

// dataOf makes a data folder by a first start.
func dataOf(t *testing.T) string {
	t.Helper()
	data := t.TempDir()
	_, cmd := serverOn(t, data)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	return data
}

// newerSchema is a data folder that a later version has migrated.
func newerSchema(t *testing.T) string {
	t.Helper()
	data := dataOf(t)
	d, err := sql.Open("sqlite", filepath.Join(data, "dribble.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	if _, err := d.ExecContext(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)"); err != nil {
		t.Fatal(err)
	}
	return data
}

// foreignFile is a data folder whose metadata file is something else.
func foreignFile(t *testing.T) string {
	t.Helper()
	data := t.TempDir()
	if err := os.WriteFile(filepath.Join(data, "dribble.db"), []byte(strings.Repeat("this is a letter\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	return data
}

// lostKey is a data folder whose key file has been replaced.
func lostKey(t *testing.T) string {
	t.Helper()
	data := dataOf(t)
	other := dataOf(t)
	key, err := os.ReadFile(filepath.Join(other, "keyring"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "keyring"), key, 0o600); err != nil {
		t.Fatal(err)
	}
	return data
}
