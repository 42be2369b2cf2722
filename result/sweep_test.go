package result

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// put stores a result of n rows that was last written at.
func put(t *testing.T, s *Store, key string, n int, at time.Time) {
	t.Helper()
	w, err := s.Create(key, testColumns)
	if err != nil {
		t.Fatal(err)
	}
	appendSeries(t, w, 0, n)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(filepath.Join(s.dir, key+suffix), at, at); err != nil {
		t.Fatal(err)
	}
}

func sizeOf(t *testing.T, s *Store) (size int64) {
	t.Helper()
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	return size
}

// Views belong to their result: removing it makes room for theirs too, so that no
// other result has to go.
func TestSweepCountsViewsWithTheirResult(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	now := time.Now()
	put(t, s, "old-0", 3000, now.Add(-3*time.Hour))
	put(t, s, "mid-0", 3000, now.Add(-2*time.Hour))
	put(t, s, "new-0", 3000, now.Add(-time.Hour))
	for _, sort := range []string{"id", "-id", "note", "-note"} {
		viewOf(t, s, "old-0", Order{Sort: sort})
	}
	removed, err := s.Sweep(t.Context(), now.Add(-24*time.Hour), sizeOf(t, s)-1)
	if err != nil || fmt.Sprint(removed) != "[old-0]" {
		t.Errorf("removed %v, %v; want [old-0]", removed, err)
	}
	left, _ := filepath.Glob(filepath.Join(s.dir, "*.view"))
	if len(left) != 0 {
		t.Errorf("views of a removed result are left: %v", left)
	}
}

func TestSweepClearsLeftovers(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	put(t, s, "kept-0", 10, time.Now())
	old := time.Now().Add(-2 * leftoverAge)
	for name, at := range map[string]time.Time{
		"gone-0.0011223344556677.view": old, "making-12345.view": old, "sort-77": old, "making-67890.view": time.Now(),
	} {
		path := filepath.Join(s.dir, name)
		if err := os.WriteFile(path, []byte("1234"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	removed, err := s.Sweep(t.Context(), time.Now().Add(-24*time.Hour), 1<<40)
	if err != nil || len(removed) != 0 {
		t.Errorf("removed results %v, %v; want none", removed, err)
	}
	left, err := os.ReadDir(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 2 || left[0].Name() != "kept-0.rows" || left[1].Name() != "making-67890.view" {
		t.Errorf("left: %v; want the result and the view that is being made", left)
	}
}
