package export

import "dribble/result"

// tsvWriter writes PostgreSQL's COPY text format after a header line: fields
// parted by tabs, lines ended by LF, NULL as \N, and backslash, tab and line
// breaks escaped, so every cell stays on its line.
type tsvWriter struct{ buffer }

// Columns writes the header, escaped as cells are.
func (t *tsvWriter) Columns(cols []result.Column) error {
	t.columns, t.begun = len(cols), true
	for i, col := range cols {
		t.field(i, []byte(col.Name))
	}
	t.b = append(t.b, '\n')
	return t.flush()
}

// Row writes one line.
func (t *tsvWriter) Row(cells [][]byte) error {
	if !t.fits(cells) {
		return t.err
	}
	for i, cell := range cells {
		t.field(i, cell)
	}
	t.b = append(t.b, '\n')
	return t.written()
}

func (t *tsvWriter) field(i int, cell []byte) {
	if i > 0 {
		t.b = append(t.b, '\t')
	}
	if cell == nil {
		t.b = append(t.b, '\\', 'N')
		return
	}
	start := 0
	for at, c := range cell {
		escape := tsvEscape(c)
		if escape == 0 {
			continue
		}
		t.b = append(t.b, cell[start:at]...)
		t.b = append(t.b, '\\', escape)
		start = at + 1
	}
	t.b = append(t.b, cell[start:]...)
}

// tsvEscape gives the letter that stands for c after a backslash, 0 if c stands
// for itself.
func tsvEscape(c byte) byte {
	switch c {
	case '\\':
		return '\\'
	case '\b':
		return 'b'
	case '\f':
		return 'f'
	case '\n':
		return 'n'
	case '\r':
		return 'r'
	case '\t':
		return 't'
	case '\v':
		return 'v'
	}
	return 0
}

// Close hands on the last lines.
func (t *tsvWriter) Close() error { return t.flush() }
