package result

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func viewOf(t *testing.T, s *Store, key string, o Order) []string {
	t.Helper()
	r, err := s.Open(key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	v, err := r.View(t.Context(), o)
	if err != nil {
		t.Fatalf("view %+v: %v", o, err)
	}
	defer v.Close()
	rows := readAll(t, v.Scan, 0, -1)
	for i := range rows {
		_, rows[i], _ = strings.Cut(rows[i], "|")
	}
	return rows
}

func TestViewSortsByValueAndFilters(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	w, _ := s.Create("v-0", testColumns)
	rows := [][]string{{"10", "beta"}, {"9", "Alpha"}, {"NULL", "gamma"}, {"-2.5", "alphabet"}, {"1e3", "NULL"}, {"-10", "x"},
		{"0.5", "y"}, {"NaN", "z"}, {"Infinity", "i"}, {"-Infinity", "j"}, {"0", "zero"}, {"9.0", "again"}}
	if err := w.Append(len(rows), encode(rows...)); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	tests := []struct {
		name  string
		order Order
		want  string
	}{
		{"ascending numbers", Order{Sort: "id"}, "-Infinity -10 -2.5 0 0.5 9 9.0 10 1e3 Infinity NaN NULL"},
		{"descending numbers", Order{Sort: "-id"}, "NULL NaN Infinity 1e3 10 9 9.0 0.5 0 -2.5 -10 -Infinity"},
		{"by position", Order{Sort: "#1"}, "-Infinity -10 -2.5 0 0.5 9 9.0 10 1e3 Infinity NaN NULL"},
		{"plain text anywhere", Order{Filter: "ALPHA"}, "9 -2.5"},
		{"more than", Order{Filter: "id > 9"}, "10 1e3 NaN Infinity"},
		{"equal by value", Order{Filter: "id=9"}, "9 9.0"},
		{"is null", Order{Filter: "note = null"}, "1e3"},
		{"contains, sorted", Order{Filter: "note~a", Sort: "-id"}, "NULL 10 9 9.0 -2.5"},
		{"operator of no column is text", Order{Filter: "what=ever"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var ids []string
			for _, row := range viewOf(t, s, "v-0", tt.order) {
				ids = append(ids, strings.Split(row, "|")[0])
			}
			if got := strings.Join(ids, " "); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestViewRefusals(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	w, _ := s.Create("v-0", testColumns)
	r, _ := s.Open("v-0")
	if _, err := r.View(t.Context(), Order{Sort: "id"}); !errors.Is(err, ErrLive) {
		t.Errorf("live result: got %v, want ErrLive", err)
	}
	r.Close()
	_ = w.Close()
	r, _ = s.Open("v-0")
	defer r.Close()
	for _, o := range []Order{{Sort: "nope"}, {Sort: "#9"}, {Filter: "  "}} {
		if _, err := r.View(t.Context(), o); !errors.Is(err, ErrOrder) {
			t.Errorf("%+v: got %v, want ErrOrder", o, err)
		}
	}
}

// More keys than fit in memory must come out of the merge as out of one sort.
func TestSorterSpillsAndStaysStable(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	const n = 300_000
	keys := make([]string, n)
	s := &sorter{dir: t.TempDir(), descending: true}
	defer s.close()
	for i := range keys {
		keys[i] = strconv.Itoa(random.IntN(5000)) + strings.Repeat("p", 200)
		if err := s.add([]byte(keys[i]), uint32(i)); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.runs) == 0 {
		t.Fatal("the test meant to spill")
	}
	want := make([]uint32, n)
	for i := range want {
		want[i] = uint32(i)
	}
	slices.SortStableFunc(want, func(a, b uint32) int { return strings.Compare(keys[b], keys[a]) })
	var got []uint32
	if err := s.merge(t.Context(), func(id uint32) error { got = append(got, id); return nil }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Error("merged order differs from a stable sort")
	}
}

func FuzzSortKey(f *testing.F) {
	for _, s := range []string{"0", "-0.00", "1e5", "-1.5E-3", "+7", "NaN", "1.2.3", "12345678901234567890.000000001"} {
		f.Add(s, "1")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, errX := strconv.ParseFloat(a, 64)
		y, errY := strconv.ParseFloat(b, 64)
		ka := appendSortKey(nil, KindDecimal, []byte(a))
		kb := appendSortKey(nil, KindDecimal, []byte(b))
		if errX != nil || errY != nil || strings.ContainsAny(a+b, "xXpP_nNiI") {
			return
		}
		if x < y && string(ka) > string(kb) {
			t.Errorf("%q < %q, but keys are the other way round", a, b)
		}
	})
}
