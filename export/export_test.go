package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"dribble/domain"
	"dribble/result"
)

// hostileCells are values that break careless exporters; nil is NULL.
func hostileCells() []struct {
	name string
	cell []byte
} {
	return []struct {
		name string
		cell []byte
	}{
		{"NULL", nil},
		{"empty", []byte("")},
		{"plain", []byte("plain")},
		{"comma", []byte("a,b")},
		{"quote", []byte(`say "hi"`)},
		{"only quotes", []byte(`""`)},
		{"line feed", []byte("a\nb")},
		{"CR LF", []byte("a\r\nb")},
		{"carriage return", []byte("a\rb")},
		{"tab", []byte("a\tb")},
		{"backslash", []byte(`C:\new\table`)},
		{"backslash N", []byte(`\N`)},
		{"end of COPY", []byte(`\.`)},
		{"spaces at the ends", []byte("  a  ")},
		{"NUL", []byte("a\x00b")},
		{"controls", []byte("\x01\x07\b\v\f\x1b[31m\x7f")},
		{"bad UTF-8", []byte("a\xff\xfeb\xc3")},
		{"surrogate bytes", []byte("\xed\xa0\x80")},
		{"emoji and RTL", []byte("☕️ \u202eabc\u202c שלום")},
		{"BOM", []byte("\uFEFFx")},
		{"replacement character", []byte("a\uFFFDb")},
		{"line separators", []byte("a\u2028b\u2029c")},
		{"formula", []byte(`=cmd|' /C calc'!A0`)},
		{"script", []byte("</script><script>alert(1)</script>")},
		{"long number", []byte("123456789012345678901234567890.12345678901234567890")},
		{"word null", []byte("null")},
		{"long text", bytes.Repeat([]byte(`x",`+"\n"), 50_000)},
	}
}

var pair = []result.Column{{Name: "a", Type: "text"}, {Name: "a", Type: "int4"}} // the name repeats

func write(t testing.TB, format string, cols []result.Column, rows ...[][]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := New(format, &out)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Columns(cols); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if err := w.Row(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestHostileCellsRoundTrip(t *testing.T) {
	t.Parallel()
	readers := map[string]func(file []byte) ([][][]byte, error){CSV: readCSV, TSV: readTSV, JSON: readJSON, NDJSON: readNDJSON}
	tried, handled := 0, 0
	for _, tt := range hostileCells() {
		for format, read := range readers {
			tried++
			want := tt.cell
			if (format == JSON || format == NDJSON) && want != nil {
				want = replaced(want)
			}
			rows, err := read(write(t, format, pair, [][]byte{tt.cell, []byte("1")}, [][]byte{[]byte("2"), tt.cell}))
			if err != nil || len(rows) != 2 || len(rows[0]) != 2 || len(rows[1]) != 2 {
				t.Errorf("%s as %s: %d rows, error %v", tt.name, format, len(rows), err)
				continue
			}
			if !same(rows[0][0], want) || !same(rows[1][1], want) || string(rows[0][1]) != "1" || string(rows[1][0]) != "2" {
				t.Errorf("%s as %s: read %.60q and %.60q, want %.60q", tt.name, format, rows[0][0], rows[1][1], want)
				continue
			}
			handled++
		}
	}
	t.Logf("bad inputs handled: %d of %d", handled, tried)
	if tried < 24 {
		t.Errorf("the table has shrunk to %d cases", tried)
	}
}

func same(a, b []byte) bool { return (a == nil) == (b == nil) && bytes.Equal(a, b) }

// replaced gives what JSON shows of bytes that may not be UTF-8.
func replaced(text []byte) []byte {
	var out []byte
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		out = utf8.AppendRune(out, r)
		text = text[n:]
	}
	return append([]byte{}, out...)
}

// readCSV is a reader of RFC 4180 that tells an empty field from a quoted one.
func readCSV(file []byte) ([][][]byte, error) {
	var rows [][][]byte
	row, field, isQuoted, inside := [][]byte{}, []byte(nil), false, false
	for i := 0; i < len(file); i++ {
		c := file[i]
		switch {
		case inside && c == '"' && i+1 < len(file) && file[i+1] == '"':
			field = append(field, '"')
			i++
		case inside && c == '"':
			inside = false
		case inside:
			field = append(field, c)
		case c == '"' && field == nil && !isQuoted:
			inside, isQuoted, field = true, true, []byte{}
		case c == ',' || c == '\r' && i+1 < len(file) && file[i+1] == '\n':
			row, field, isQuoted = append(row, field), nil, false
			if c == '\r' {
				i++
				rows, row = append(rows, row), [][]byte{}
			}
		case c == '"' || c == '\r' || c == '\n' || isQuoted:
			return nil, fmt.Errorf("byte %q at offset %d is out of place", c, i)
		default:
			field = append(field, c)
		}
	}
	if inside || len(row) > 0 || len(rows) == 0 {
		return nil, errors.New("the file ends in the middle of a line")
	}
	return rows[1:], nil
}

func readTSV(file []byte) ([][][]byte, error) {
	unescape := map[byte]byte{'\\': '\\', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v'}
	var rows [][][]byte
	for line := range strings.Lines(string(file)) {
		if !strings.HasSuffix(line, "\n") {
			return nil, errors.New("the last line has no end")
		}
		var row [][]byte
		for field := range strings.SplitSeq(strings.TrimSuffix(line, "\n"), "\t") {
			if field == `\N` {
				row = append(row, nil)
				continue
			}
			cell := []byte{}
			for i := 0; i < len(field); i++ {
				c := field[i]
				if c == '\\' {
					i++
					if c = unescape[field[i]]; c == 0 {
						return nil, fmt.Errorf("unknown escape %q", field[i])
					}
				}
				cell = append(cell, c)
			}
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	return rows[1:], nil
}

func readJSON(file []byte) ([][][]byte, error) {
	var doc struct {
		Columns []struct{ Name, Type string }
		Rows    [][]*string
	}
	d := json.NewDecoder(bytes.NewReader(file))
	d.DisallowUnknownFields()
	if err := d.Decode(&doc); err != nil {
		return nil, err
	}
	if len(doc.Columns) != 2 || doc.Columns[1].Name != "a" || doc.Columns[1].Type != "int4" {
		return nil, fmt.Errorf("columns %v", doc.Columns)
	}
	return cellsOf(doc.Rows), nil
}

func readNDJSON(file []byte) ([][][]byte, error) {
	var rows [][]*string
	for line := range bytes.Lines(file) {
		var row []*string
		if err := json.Unmarshal(line, &row); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 || len(rows[0]) != 2 || *rows[0][1] != "a" {
		return nil, errors.New("the first line is not the columns")
	}
	return cellsOf(rows[1:]), nil
}

func cellsOf(rows [][]*string) [][][]byte {
	out := [][][]byte{}
	for _, row := range rows {
		cells := [][]byte{}
		for _, cell := range row {
			if cell == nil {
				cells = append(cells, nil)
			} else {
				cells = append(cells, append([]byte{}, *cell...))
			}
		}
		out = append(out, cells)
	}
	return out
}

// TestStandardReaderAgrees reads the CSV as Go programs do. That reader drops
// the difference of NULL and empty and turns CR LF in a cell into LF.
func TestStandardReaderAgrees(t *testing.T) {
	t.Parallel()
	for _, tt := range hostileCells() {
		records, err := csv.NewReader(bytes.NewReader(write(t, CSV, pair, [][]byte{tt.cell, tt.cell}))).ReadAll()
		if err != nil || len(records) != 2 {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if want := strings.ReplaceAll(string(tt.cell), "\r\n", "\n"); records[1][0] != want || records[1][1] != want {
			t.Errorf("%s: read %.60q, want %.60q", tt.name, records[1][0], want)
		}
	}
}

func TestFilesAreExact(t *testing.T) {
	t.Parallel()
	rows := [][][]byte{{[]byte("x"), nil}, {[]byte(""), []byte("y,z")}}
	tests := []struct{ format, want string }{
		{CSV, "a,a\r\nx,\r\n\"\",\"y,z\"\r\n"},
		{TSV, "a\ta\nx\t\\N\n\ty,z\n"},
		{JSON, `{"columns":[{"name":"a","type":"text"},{"name":"a","type":"int4"}],"rows":[` + "\n" + `["x",null],` + "\n" + `["","y,z"]` + "\n]}\n"},
		{NDJSON, `["a","a"]` + "\n" + `["x",null]` + "\n" + `["","y,z"]` + "\n"},
	}
	for _, tt := range tests {
		if got := string(write(t, tt.format, pair, rows...)); got != tt.want {
			t.Errorf("%s = %q, want %q", tt.format, got, tt.want)
		}
		if got := string(write(t, tt.format, pair)); tt.format == JSON && !json.Valid([]byte(got)) || !strings.HasPrefix(got, tt.want[:4]) {
			t.Errorf("%s without rows = %q", tt.format, got)
		}
	}
}

func TestOneColumnKeepsItsRows(t *testing.T) {
	t.Parallel()
	file := write(t, CSV, pair[:1], [][]byte{nil}, [][]byte{[]byte("")}, [][]byte{[]byte("x")})
	records, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil || len(records) != 4 {
		t.Errorf("records = %q, error %v; want a header and three rows", records, err)
	}
}

func TestOddNamesSurvive(t *testing.T) {
	t.Parallel()
	cols := []result.Column{{Name: ""}, {Name: `a "b", c`}, {Name: "d\te\nf"}}
	row := [][]byte{[]byte("1"), []byte("2"), []byte("3")}
	if got, want := string(write(t, CSV, cols, row)), "\"\",\"a \"\"b\"\", c\",\"d\te\nf\"\r\n1,2,3\r\n"; got != want {
		t.Errorf("csv = %q, want %q", got, want)
	}
	if got, want := string(write(t, TSV, cols, row)), "\ta \"b\", c\td\\te\\nf\n1\t2\t3\n"; got != want {
		t.Errorf("tsv = %q, want %q", got, want)
	}
	for _, format := range []string{JSON, NDJSON} {
		for line := range bytes.Lines(write(t, format, cols, row)) {
			if format == NDJSON && !json.Valid(line) {
				t.Errorf("ndjson line %q is not JSON", line)
			}
		}
	}
}

func TestMisuseIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := New("xlsm", io.Discard); domain.CodeOf(err) != domain.Invalid {
		t.Errorf("unknown format: %v, want code invalid", err)
	}
	for _, f := range Formats() {
		if got, ok := Find(f.Name); !ok || got != f {
			t.Errorf("Find(%q) = %v, %v", f.Name, got, ok)
		}
		w, err := New(f.Name, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Row([][]byte{nil}); err == nil {
			t.Errorf("%s: a row before the columns gave no error", f.Name)
		}
		w, _ = New(f.Name, io.Discard)
		if err := errors.Join(w.Columns(pair), w.Row([][]byte{nil})); err == nil {
			t.Errorf("%s: a short row gave no error", f.Name)
		}
		w, _ = New(f.Name, failing{})
		if err := w.Columns(pair); !errors.Is(err, errDiskFull) {
			t.Errorf("%s: columns on a full disk: %v", f.Name, err)
		}
		if err := errors.Join(w.Row([][]byte{nil, nil})); !errors.Is(err, errDiskFull) {
			t.Errorf("%s: row on a full disk: %v", f.Name, err)
		}
		if err := w.Close(); !errors.Is(err, errDiskFull) {
			t.Errorf("%s: close on a full disk: %v", f.Name, err)
		}
	}
}

var errDiskFull = errors.New("disk full")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errDiskFull }

func TestRowsCostNoAllocation(t *testing.T) {
	row := [][]byte{[]byte(`a "quoted", cell`), nil, []byte("tab\tand\nline"), []byte("ünïcode \xff"), []byte("=1+1")}
	cols := make([]result.Column, len(row))
	for _, f := range Formats() {
		w, err := New(f.Name, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		w = Guard(w)
		if err := w.Columns(cols); err != nil {
			t.Fatal(err)
		}
		perRow := testing.AllocsPerRun(20_000, func() {
			if err := w.Row(row); err != nil {
				t.Fatal(err)
			}
		})
		if perRow > 0.01 {
			t.Errorf("%s: %.2f allocations per row, want none", f.Name, perRow)
		}
	}
}

func TestGuard(t *testing.T) {
	t.Parallel()
	tests := []struct{ cell, want string }{
		{"=1+1", "'=1+1"}, {"@SUM(A1)", "'@SUM(A1)"}, {"+cmd", "'+cmd"}, {"-cmd", "'-cmd"}, {"\t=1", "'\t=1"}, {"\r=1", "'\r=1"}, {"\n=1", "'\n=1"},
		{"＝1", "'＝1"}, {"-1-1", "'-1-1"}, {"+49 30 1234", "'+49 30 1234"}, {"-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"}, {"-", "'-"},
		{"-1", "-1"}, {"+1.5e-3", "+1.5e-3"}, {"-0.001", "-0.001"}, {"1=1", "1=1"}, {"a", "a"}, {"", ""}, {"-Inf", "'-Inf"},
	}
	for _, tt := range tests {
		var out bytes.Buffer
		w, err := New(TSV, &out)
		if err != nil {
			t.Fatal(err)
		}
		w = Guard(w)
		if err := errors.Join(w.Columns([]result.Column{{Name: "=n"}, {Name: "m"}}), w.Row([][]byte{[]byte(tt.cell), nil}), w.Close()); err != nil {
			t.Fatal(err)
		}
		rows, err := readTSV(out.Bytes())
		if err != nil || string(rows[0][0]) != tt.want || rows[0][1] != nil || !strings.HasPrefix(out.String(), "'=n\tm\n") {
			t.Errorf("%q became %q, want %q (%v)", tt.cell, rows, tt.want, err)
		}
	}
}

func TestFileName(t *testing.T) {
	t.Parallel()
	format, _ := Find(CSV)
	tests := []struct{ base, want string }{
		{"Best-selling beans this month", "Best-selling beans this month.csv"},
		{"", "result.csv"},
		{"...", "result.csv"},
		{"../../etc/passwd", "etc-passwd.csv"},
		{`a"b\c` + "\r\nSet-Cookie: x", "a-b-c Set-Cookie- x.csv"},
		{"Überstunden 2026 (öffentlich)", "Überstunden 2026 (öffentlich).csv"},
		{"日本のコーヒー", "日本のコーヒー.csv"},
		{"con", "_con.csv"},
		{"LPT1.x", "_LPT1.x.csv"},
		{"a\xffb\x00c\u202ed", "ab-c-d.csv"},
		{strings.Repeat("x", 500), strings.Repeat("x", 80) + ".csv"},
	}
	for _, tt := range tests {
		if got := FileName(tt.base, format); got != tt.want {
			t.Errorf("FileName(%q) = %q, want %q", tt.base, got, tt.want)
		}
	}
}
