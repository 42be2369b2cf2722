package sqlite

import (
	"bytes"
	"strings"

	"dribble/result"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// columns describes the result's columns. A column's type is its declared type;
// a computed column has none and takes the storage class of its first value, or
// "any" if there is none.
func (s *stmt) columns(hasRow bool) []result.Column {
	c := s.conn
	n := int(lib.Xsqlite3_column_count(c.tls, s.handle))
	cols := make([]result.Column, n)
	for i := range cols {
		at := int32(i)
		col := &cols[i]
		col.Name = strings.ToValidUTF8(libc.GoString(lib.Xsqlite3_column_name(c.tls, s.handle, at)), "\uFFFD")
		col.Type = strings.ToValidUTF8(libc.GoString(lib.Xsqlite3_column_decltype(c.tls, s.handle, at)), "\uFFFD")
		if col.Type == "" {
			col.Type = s.class(at, hasRow)
		}
		col.Kind = kindOf(col.Type)
		col.Key = s.key(at)
	}
	return cols
}

// class names the storage class of the current row's i-th value.
func (s *stmt) class(i int32, hasRow bool) string {
	if hasRow {
		switch lib.Xsqlite3_column_type(s.conn.tls, s.handle, i) {
		case lib.SQLITE_INTEGER:
			return "integer"
		case lib.SQLITE_FLOAT:
			return "real"
		case lib.SQLITE_TEXT:
			return "text"
		case lib.SQLITE_BLOB:
			return "blob"
		}
	}
	return "any"
}

// key reports whether the i-th column is (part of) its table's primary key.
func (s *stmt) key(i int32) bool {
	c := s.conn
	table := lib.Xsqlite3_column_table_name(c.tls, s.handle, i)
	origin := lib.Xsqlite3_column_origin_name(c.tls, s.handle, i)
	if table == 0 || origin == 0 {
		return false
	}
	database := lib.Xsqlite3_column_database_name(c.tls, s.handle, i)
	answer := libc.GoBytes(c.slot(0), 4) // a C int
	clear(answer)
	rc := lib.Xsqlite3_table_column_metadata(c.tls, c.db, database, table, origin, 0, 0, 0, c.slot(0), 0)
	return rc == lib.SQLITE_OK && !bytes.Equal(answer, []byte{0, 0, 0, 0})
}

// kindOf gives the family of a declared type or storage class. SQLite accepts
// any word as a type, so this goes by the customary ones and then by SQLite's
// own affinity rules.
func kindOf(declared string) result.Kind {
	t := strings.ToUpper(declared)
	if at := strings.IndexByte(t, '('); at >= 0 {
		t = t[:at]
	}
	t = strings.TrimSpace(t)
	switch t {
	case "BOOL", "BOOLEAN":
		return result.KindBool
	case "DATE":
		return result.KindDate
	case "TIME":
		return result.KindTime
	case "DATETIME", "TIMESTAMP", "TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE", "TIMESTAMP WITHOUT TIME ZONE":
		return result.KindTimestamp
	case "INTERVAL":
		return result.KindInterval
	case "JSON", "JSONB":
		return result.KindJSON
	case "UUID", "GUID":
		return result.KindUUID
	case "ANY", "":
		return result.KindOther
	}
	switch {
	case strings.Contains(t, "INT") || strings.HasSuffix(t, "SERIAL"):
		return result.KindInteger
	case containsAny(t, "CHAR", "CLOB", "TEXT", "STRING"):
		return result.KindText
	case containsAny(t, "BLOB", "BINARY", "BYTEA"):
		return result.KindBinary
	case containsAny(t, "REAL", "FLOA", "DOUB", "NUM", "DEC", "MONEY"):
		return result.KindDecimal
	}
	return result.KindOther
}

func containsAny(s string, parts ...string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}
