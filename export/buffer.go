package export

import (
	"errors"
	"io"
)

// flushAt is how many bytes are gathered before they are written.
const flushAt = 16 << 10

// errOrder reports a row that does not fit the columns announced before it.
var errOrder = errors.New("export: a row does not fit its columns")

// buffer gathers bytes for w and keeps its first error. A very long cell makes
// it grow; the memory is given back after the write.
type buffer struct {
	w       io.Writer
	b       []byte
	err     error
	columns int
	begun   bool
}

// fits reports whether a row may be written now.
func (o *buffer) fits(cells [][]byte) bool {
	if o.err == nil && (!o.begun || len(cells) != o.columns) {
		o.err = errOrder
	}
	return o.err == nil
}

// written hands the bytes on once there are enough of them.
func (o *buffer) written() error {
	if len(o.b) < flushAt {
		return o.err
	}
	return o.flush()
}

// Flush hands on all rows written so far.
func (o *buffer) Flush() error { return o.flush() }

func (o *buffer) flush() error {
	if o.err == nil && len(o.b) > 0 {
		_, o.err = o.w.Write(o.b)
	}
	if cap(o.b) > 4*flushAt {
		o.b = nil
	}
	o.b = o.b[:0]
	return o.err
}
