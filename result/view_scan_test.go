package result

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Rows of very different widths come back whole and in the view's order, also where
// they do not fit into one portion.
func TestViewScanGathersInPortions(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	w, _ := s.Create("v-0", testColumns)
	random := rand.New(rand.NewPCG(1, 2))
	const n = 400
	order := random.Perm(n)
	width := make([]int, n)
	for _, id := range order {
		if width[id] = random.IntN(50); id%5 == 0 {
			width[id] = 300 << 10 // 24 MB in all
		}
		if err := w.Append(1, encode([]string{fmt.Sprint(id), strings.Repeat("x", width[id])})); err != nil {
			t.Fatal(err)
		}
	}
	_ = w.Close()
	r, err := s.Open("v-0")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	v, err := r.View(t.Context(), Order{Sort: "-id"})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	for _, window := range []struct{ offset, limit, from, rows int64 }{{0, n * 10, 0, n}, {37, 20, 37, 20}, {n - 1, 5, n - 1, 1}, {n, 5, n, 0}, {1 << 40, 5, 0, 0}, {-3, 2, 0, 2}} {
		var got int64
		err := v.Scan(t.Context(), window.offset, window.limit, func(place int64, cells [][]byte) error {
			id := n - 1 - int(place)
			if place != window.from+got || string(cells[0]) != fmt.Sprint(id) || len(cells[1]) != width[id] {
				return fmt.Errorf("place %d holds row %s of %d bytes", place, cells[0], len(cells[1]))
			}
			got++
			return nil
		})
		if err != nil || got != window.rows {
			t.Errorf("window %+v: %d rows, %v", window, got, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := v.Scan(ended, 0, -1, func(int64, [][]byte) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: got %v", err)
	}
}

// A grid asks for several windows of a fresh order at once; only one sorts, and the
// others may leave before it is done.
func TestViewIsMadeByOneAtATime(t *testing.T) {
	t.Parallel()
	b := newBuilds()
	begun, goOn, made := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		made <- b.once(t.Context(), "same", func() error { close(begun); <-goOn; return nil })
	}()
	<-begun
	impatient, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	twice := func() error { t.Error("built twice at the same time"); return nil }
	if err := b.once(impatient, "same", twice); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a caller who leaves: got %v", err)
	}
	close(goOn)
	if err := <-made; err != nil {
		t.Error(err)
	}
	failed := errors.New("disk full")
	if err := b.once(t.Context(), "same", func() error { return failed }); !errors.Is(err, failed) {
		t.Errorf("a later build: got %v, want its own error", err)
	}
}

func TestViewsOfManyReadersAgree(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	w, _ := s.Create("v-0", testColumns)
	appendSeries(t, w, 0, 5000)
	_ = w.Close()
	want := viewOf(t, s, "v-0", Order{Filter: "id >= 10", Sort: "-note"})
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			o := Order{Filter: "id >= 10", Sort: "-note"}
			if i%2 == 0 {
				o.Filter = " id>=10 " // another view with the same rows
			}
			if got := viewOf(t, s, "v-0", o); !slices.Equal(got, want) {
				t.Errorf("%+v: %d rows differ from the first reader's %d", o, len(got), len(want))
			}
		})
	}
	wg.Wait()
}

func TestColumnPlacesAreWholeNumbers(t *testing.T) {
	t.Parallel()
	columns := []Column{{Name: "a"}, {Name: "#1x"}, {Name: ""}}
	for name, want := range map[string]int{"#1": 0, "#1x": 1, "": 2, "#3": 2, "#4": -1, "#0": -1, "# 1": -1, "b": -1} {
		if got := columnIndex(columns, name); got != want {
			t.Errorf("%q: got %d, want %d", name, got, want)
		}
	}
}
