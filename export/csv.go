package export

import (
	"bytes"

	"dribble/result"
)

// csvWriter writes RFC 4180: a header line, lines ended by CR LF, quotes doubled
// in quoted fields. NULL is an empty field and the empty string is "", so the
// two differ. In a result of one column NULL is "" too, because readers skip
// an empty line and would lose the row.
type csvWriter struct{ buffer }

// Columns writes the header.
func (c *csvWriter) Columns(cols []result.Column) error {
	c.columns, c.begun = len(cols), true
	for i, col := range cols {
		c.field(i, []byte(col.Name))
	}
	c.b = append(c.b, '\r', '\n')
	return c.flush()
}

// Row writes one line.
func (c *csvWriter) Row(cells [][]byte) error {
	if !c.fits(cells) {
		return c.err
	}
	for i, cell := range cells {
		c.field(i, cell)
	}
	c.b = append(c.b, '\r', '\n')
	return c.written()
}

func (c *csvWriter) field(i int, cell []byte) {
	if i > 0 {
		c.b = append(c.b, ',')
	}
	if cell == nil && c.columns > 1 {
		return
	}
	if !quoted(cell) {
		c.b = append(c.b, cell...)
		return
	}
	c.b = append(c.b, '"')
	for {
		at := bytes.IndexByte(cell, '"')
		if at < 0 {
			break
		}
		c.b = append(c.b, cell[:at]...)
		c.b = append(c.b, '"', '"')
		cell = cell[at+1:]
	}
	c.b = append(c.b, cell...)
	c.b = append(c.b, '"')
}

// quoted reports whether a field needs quotes. Spaces at the ends and PostgreSQL's
// end mark \. are quoted because some readers take them for more than text.
func quoted(cell []byte) bool {
	if len(cell) == 0 || string(cell) == `\.` {
		return true
	}
	first, last := cell[0], cell[len(cell)-1]
	return first == ' ' || first == '\t' || last == ' ' || last == '\t' || bytes.ContainsAny(cell, "\",\r\n")
}

// Close hands on the last lines.
func (c *csvWriter) Close() error { return c.flush() }
