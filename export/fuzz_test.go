package export

import "testing"

// FuzzRoundTrip writes two cells in every format and reads them back.
func FuzzRoundTrip(f *testing.F) {
	for _, tt := range hostileCells() {
		f.Add(tt.cell, []byte("1"))
	}
	f.Add([]byte(`\\N`), []byte("\"\r\n\","))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		for format, read := range map[string]func([]byte) ([][][]byte, error){CSV: readCSV, TSV: readTSV, JSON: readJSON, NDJSON: readNDJSON} {
			rows, err := read(write(t, format, pair, [][]byte{a, b}, [][]byte{nil, a}))
			if err != nil || len(rows) != 2 {
				t.Fatalf("%s: %d rows, error %v", format, len(rows), err)
			}
			wantA, wantB := a, b
			if format == JSON || format == NDJSON {
				if a != nil {
					wantA = replaced(a)
				}
				if b != nil {
					wantB = replaced(b)
				}
			}
			if !same(rows[0][0], wantA) || !same(rows[0][1], wantB) || rows[1][0] != nil || !same(rows[1][1], wantA) {
				t.Fatalf("%s: read %q, want %q and %q", format, rows, wantA, wantB)
			}
		}
	})
}
