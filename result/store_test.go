package result

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

var testColumns = []Column{{Name: "id", Type: "int8", Kind: KindInteger}, {Name: "note", Type: "text", Kind: KindText}}

func openStore(t *testing.T) *Store {
	t.Helper()
	s, err := OpenStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func encode(rows ...[]string) []byte {
	var data []byte
	for _, row := range rows {
		for _, cell := range row {
			if cell == "NULL" {
				data = AppendCell(data, nil)
			} else {
				data = AppendCell(data, []byte(cell))
			}
		}
	}
	return data
}

func appendSeries(t *testing.T, w *Writer, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		if err := w.Append(1, encode([]string{strconv.Itoa(i), "row " + strconv.Itoa(i)})); err != nil {
			t.Fatal(err)
		}
	}
}

func readAll(t *testing.T, scan func(context.Context, int64, int64, Visit) error, offset, limit int64) []string {
	t.Helper()
	var got []string
	err := scan(t.Context(), offset, limit, func(row int64, cells [][]byte) error {
		parts := []string{strconv.FormatInt(row, 10)}
		for _, c := range cells {
			if c == nil {
				parts = append(parts, "NULL")
			} else {
				parts = append(parts, string(c))
			}
		}
		got = append(got, strings.Join(parts, "|"))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestWindowsOfFinishedAndLiveResults(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	w, err := s.Create("run-0", testColumns)
	if err != nil {
		t.Fatal(err)
	}
	appendSeries(t, w, 0, 2500)
	check := func(state string) {
		r, err := s.Open("run-0")
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		for _, offset := range []int64{0, 1, 1023, 1024, 1025, 2047, 2048, 2499} {
			got := readAll(t, r.Scan, offset, 1)
			want := fmt.Sprintf("%d|%d|row %d", offset, offset, offset)
			if len(got) != 1 || got[0] != want {
				t.Errorf("%s: row %d: got %q, want %q", state, offset, got, want)
			}
		}
		if got := readAll(t, r.Scan, 2490, 100); len(got) != 10 {
			t.Errorf("%s: last window has %d rows, want 10", state, len(got))
		}
		if got := readAll(t, r.Scan, 0, -1); len(got) != 2500 {
			t.Errorf("%s: all rows: got %d, want 2500", state, len(got))
		}
		if got := readAll(t, r.Scan, 2500, 10); len(got) != 0 {
			t.Errorf("%s: past the end: got %q", state, got)
		}
	}
	check("live")
	early, err := s.Open("run-0")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	check("finished")
	if got := readAll(t, early.Scan, 2400, 1); len(got) != 1 {
		t.Errorf("a reader opened while live lost its rows: %q", got)
	}
	early.Close()
}

func TestNullEmptyWideAndColumnlessRows(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	wide := strings.Repeat("x", 3<<20)
	w, _ := s.Create("a-0", testColumns)
	if err := w.Append(3, encode([]string{"NULL", ""}, []string{"", "NULL"}, []string{"1", wide})); err != nil {
		t.Fatal(err)
	}
	if err := w.Append(1, encode([]string{"2", "after"})); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	r, err := s.Open("a-0")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got := strings.Join(readAll(t, r.Scan, 0, -1), "\n")
	want := "0|NULL|\n1||NULL\n2|1|" + wide + "\n3|2|after"
	if got != want {
		t.Errorf("rows changed: got %d bytes, want %d", len(got), len(want))
	}

	w, _ = s.Create("b-0", nil)
	if err := w.Append(5, nil); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	none, _ := s.Open("b-0")
	defer none.Close()
	if got := readAll(t, none.Scan, 0, -1); len(got) != 5 {
		t.Errorf("rows without columns: got %d, want 5", len(got))
	}
}

func TestUnfinishedFileKeepsWholeChunks(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	w, _ := s.Create("crash-0", testColumns)
	appendSeries(t, w, 0, 3000) // two whole chunks on disk, the rest only in memory
	again, err := OpenStore(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	r, err := again.Open("crash-0")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if r.Rows() != 2048 {
		t.Errorf("rows after a crash: got %d, want 2048", r.Rows())
	}
	if got := readAll(t, r.Scan, 2047, 1); len(got) != 1 || got[0] != "2047|2047|row 2047" {
		t.Errorf("last row after a crash: %q", got)
	}
}

func TestDamageIsReportedNotShown(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	w, _ := s.Create("d-0", testColumns)
	appendSeries(t, w, 0, 10)
	_ = w.Close()
	path := filepath.Join(s.dir, "d-0"+suffix)
	data, _ := os.ReadFile(path)
	data[len(data)-40] ^= 0xff // inside the one chunk
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := s.Open("d-0")
	if err != nil {
		return // refused at once: fine too
	}
	defer r.Close()
	if err := r.Scan(t.Context(), 0, -1, func(int64, [][]byte) error { return nil }); !errors.Is(err, ErrCorrupt) {
		t.Errorf("damaged chunk: got %v, want ErrCorrupt", err)
	}
}

func TestMissingAndHostileKeys(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	for _, key := range []string{"none-0", "", "../etc/passwd", `a\b`, "a.b"} {
		if _, err := s.Open(key); !errors.Is(err, ErrGone) {
			t.Errorf("Open(%q): got %v, want ErrGone", key, err)
		}
	}
}

func TestSweepRemovesOldestFirstAndNeverLiveOnes(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	now := time.Now()
	for i, key := range []string{"old-0", "mid-0", "new-0"} {
		w, _ := s.Create(key, testColumns)
		appendSeries(t, w, 0, 1500)
		_ = w.Close()
		at := now.Add(time.Duration(i-3) * time.Hour)
		_ = os.Chtimes(filepath.Join(s.dir, key+suffix), at, at)
	}
	live, _ := s.Create("live-0", testColumns)
	defer func() { _ = live.Close() }()
	removed, err := s.Sweep(t.Context(), now.Add(-150*time.Minute), 1<<40)
	if err != nil || fmt.Sprint(removed) != "[old-0]" {
		t.Fatalf("by age: got %v, %v; want [old-0]", removed, err)
	}
	removed, err = s.Sweep(t.Context(), now.Add(-24*time.Hour), 1)
	if err != nil || fmt.Sprint(removed) != "[mid-0 new-0]" {
		t.Fatalf("by quota: got %v, %v; want [mid-0 new-0]", removed, err)
	}
	if _, err := s.Open("live-0"); err != nil {
		t.Errorf("a result being written was swept: %v", err)
	}
}

func FuzzNextCell(f *testing.F) {
	f.Add(encode([]string{"a", "NULL", ""}))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 'x'})
	f.Fuzz(func(t *testing.T, data []byte) {
		for len(data) > 0 {
			_, rest, err := NextCell(data)
			if err != nil {
				return
			}
			if len(rest) >= len(data) {
				t.Fatal("no progress")
			}
			data = rest
		}
	})
}

func FuzzOpenFile(f *testing.F) {
	s, err := OpenStore(f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	w, _ := s.Create("seed-0", testColumns)
	_ = w.Append(2, encode([]string{"1", "a"}, []string{"2", "NULL"}))
	_ = w.Close()
	whole, _ := os.ReadFile(filepath.Join(s.dir, "seed-0"+suffix))
	f.Add(whole)
	f.Add(whole[:len(whole)-5])
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		h, _ := os.Open(path)
		defer func() { _ = h.Close() }()
		r, err := openFile(h)
		if err != nil {
			return
		}
		reader := &Reader{file: r, close: func() {}}
		_ = reader.Scan(t.Context(), 0, 5000, func(int64, [][]byte) error { return nil })
	})
}
