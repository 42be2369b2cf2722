package sqlite

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"dribble/domain"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// row reads the current row in text form. The cells alias memory of SQLite and
// of the connection and are valid until the next step.
func (s *stmt) row() ([][]byte, error) {
	c := s.conn
	n := int(lib.Xsqlite3_data_count(c.tls, s.handle))
	if cap(c.cells) < n {
		c.cells = make([][]byte, n)
	}
	c.cells, c.hex = c.cells[:n], c.hex[:0]
	for i := range c.cells {
		cell, err := s.cell(int32(i))
		if err != nil {
			return nil, err
		}
		c.cells[i] = cell
	}
	return c.cells, nil
}

// cell reads one value of the current row. SQLite itself turns numbers into
// text, so they are what CAST(x AS TEXT) gives.
func (s *stmt) cell(i int32) ([]byte, error) {
	c := s.conn
	class := lib.Xsqlite3_column_type(c.tls, s.handle, i)
	switch class {
	case lib.SQLITE_NULL:
		return nil, nil
	case lib.SQLITE_BLOB:
		p := lib.Xsqlite3_column_blob(c.tls, s.handle, i)
		n := int(lib.Xsqlite3_column_bytes(c.tls, s.handle, i))
		if s.maxCell > 0 && 2*n+3 > s.maxCell {
			return nil, s.tooLong(i, 2*n+3)
		}
		return s.blob(p, n), nil
	}
	p := lib.Xsqlite3_column_text(c.tls, s.handle, i)
	n := int(lib.Xsqlite3_column_bytes(c.tls, s.handle, i))
	switch {
	case p == 0:
		return nil, c.failure(lib.SQLITE_NOMEM)
	case s.maxCell > 0 && n > s.maxCell:
		return nil, s.tooLong(i, n)
	case n == 0:
		return []byte{}, nil
	}
	text := libc.GoBytes(p, n)
	if class == lib.SQLITE_TEXT && !utf8.Valid(text) {
		s.garbled = true
		return bytes.ToValidUTF8(text, []byte("\uFFFD")), nil
	}
	return text, nil
}

// blob writes n bytes at p as X'00ff' into the row's buffer.
func (s *stmt) blob(p uintptr, n int) []byte {
	const digits = "0123456789abcdef"
	c := s.conn
	start := len(c.hex)
	c.hex = append(c.hex, 'X', '\'')
	if n > 0 {
		for _, b := range libc.GoBytes(p, n) {
			c.hex = append(c.hex, digits[b>>4], digits[b&15])
		}
	}
	c.hex = append(c.hex, '\'')
	return c.hex[start:len(c.hex):len(c.hex)]
}

func (s *stmt) tooLong(i int32, n int) error {
	name := libc.GoString(lib.Xsqlite3_column_name(s.conn.tls, s.handle, i))
	return &domain.SQLError{
		Code:    codeCellTooLong,
		Message: fmt.Sprintf("A value of column %q is %d bytes long; the limit is %d bytes.", name, n, s.maxCell),
		Hint:    "Select a part of it, for instance with substr().",
	}
}
