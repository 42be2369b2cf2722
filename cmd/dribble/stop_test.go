package main

import (
	"database/sql"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	_ "modernc.org/sqlite"
)

// TestStopWaitsForItsWorkers stops a server whose worker is idle: nothing of the
// worker may be left behind, in the folder or in the metadata store.
func TestStopWaitsForItsWorkers(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p, cmd := serverOn(t, data)
	sources := p.call("GET", "/sources", nil)["sources"].([]any)
	id := p.call("POST", "/runs", map[string]any{"source_id": sources[0].(map[string]any)["id"], "sql": "SELECT 1"})["id"].(string)
	if got := p.call("GET", "/runs/"+id+"?wait=20s", nil)["status"]; got != "success" {
		t.Fatalf("run: got %v, want success", got)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("exit: %v\n%s", err, p.log.text.String())
	}
	left, err := os.ReadDir(filepath.Join(data, "workers"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range left {
		t.Errorf("left in the workers' folder: %s", e.Name())
	}
	store, err := sql.Open("sqlite", filepath.Join(data, "dribble.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	var n int
	if err := store.QueryRowContext(t.Context(), "SELECT count(*) FROM workers").Scan(&n); err != nil {
		t.Fatal(err)
	}
	if n != 0 {
		t.Errorf("the metadata store still lists %d workers", n)
	}
}
