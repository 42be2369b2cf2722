package export

import (
	"bytes"
	"strconv"

	"dribble/result"
)

// Guard makes a file safe to open in a spreadsheet: a cell or name that
// a spreadsheet would run as a formula gets an apostrophe before it. Numbers
// are left alone. The data is no longer byte for byte what the database gave, so
// Guard is for people's downloads and not for programs.
func Guard(w Writer) Writer { return &guarded{Writer: w} }

type guarded struct {
	Writer
	row  [][]byte
	text []byte // backs the cells that were changed
}

// Columns guards the names.
func (g *guarded) Columns(cols []result.Column) error {
	safe := make([]result.Column, len(cols))
	for i, col := range cols {
		safe[i] = col
		if formula([]byte(col.Name)) {
			safe[i].Name = "'" + col.Name
		}
	}
	return g.Writer.Columns(safe)
}

// Row guards the cells.
func (g *guarded) Row(cells [][]byte) error {
	g.row, g.text = append(g.row[:0], cells...), g.text[:0]
	for i, cell := range g.row {
		if !formula(cell) {
			continue
		}
		start := len(g.text)
		g.text = append(append(g.text, '\''), cell...)
		g.row[i] = g.text[start:len(g.text):len(g.text)]
	}
	return g.Writer.Row(g.row)
}

// formula reports whether a spreadsheet may run cell instead of showing it.
func formula(cell []byte) bool {
	if len(cell) == 0 {
		return false
	}
	switch cell[0] {
	case '=', '@', '\t', '\r', '\n':
		return true
	case '+', '-':
		return !number(cell)
	}
	// Full-width signs are taken for plain ones by some programs.
	return bytes.HasPrefix(cell, []byte("＝")) || bytes.HasPrefix(cell, []byte("＋")) ||
		bytes.HasPrefix(cell, []byte("－")) || bytes.HasPrefix(cell, []byte("＠"))
}

// number reports whether cell is a plain decimal number, an exponent allowed.
func number(cell []byte) bool {
	for _, c := range cell {
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return false
		}
	}
	_, err := strconv.ParseFloat(string(cell), 64)
	return err == nil
}
