package result

import (
	"context"
	"sort"
)

// Reader reads a stored result in windows. It is for one goroutine; open
// another for the next.
type Reader struct {
	file   *file
	path   string
	builds *builds // of the store
	close  func()
	live   bool // its writer was still at work when it was opened

	raw, stored []byte // reused between chunks
	loaded      int64  // file offset of the chunk in raw; 0 if raw holds none
}

// Columns returns the result's columns; the caller must not change them.
func (r *Reader) Columns() []Column { return r.file.columns }

// Rows returns the number of rows so far.
func (r *Reader) Rows() int64 {
	r.file.mu.RLock()
	defer r.file.mu.RUnlock()
	return r.file.rows
}

// Close gives the result back.
func (r *Reader) Close() { r.close() }

// Visit gets one row: its number from 0 and its cells, valid only during the
// call; nil is NULL.
type Visit func(row int64, cells [][]byte) error

// Scan calls visit for up to limit rows from row offset on, a negative limit
// meaning all that are there when they are reached. Memory is bounded by one
// chunk (about 1 MiB) or the widest row.
func (r *Reader) Scan(ctx context.Context, offset, limit int64, visit Visit) error {
	if offset < 0 {
		offset = 0
	}
	cells := make([][]byte, len(r.file.columns))
	for limit != 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		rows, first, n, err := r.load(offset)
		if err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
		for row := first; row < first+int64(n) && limit != 0; row++ {
			if row < offset {
				size, err := SkipRow(rows, len(cells))
				if err != nil {
					return err
				}
				rows = rows[size:]
				continue
			}
			if rows, err = DecodeRow(rows, cells); err != nil {
				return err
			}
			if err := visit(row, cells); err != nil {
				return err
			}
			limit--
		}
		offset = first + int64(n)
	}
	return nil
}

// load returns the raw rows of the chunk (or tail) that holds row, the number
// of its first row and how many it has; n is 0 past the end.
func (r *Reader) load(row int64) (rows []byte, first int64, n int, err error) {
	f := r.file
	f.mu.RLock()
	if row >= f.rows {
		f.mu.RUnlock()
		return nil, 0, 0, nil
	}
	if row >= f.rows-int64(f.tailRows) {
		r.raw, r.loaded = append(r.raw[:0], f.tail...), 0
		first, n = f.rows-int64(f.tailRows), f.tailRows
		f.mu.RUnlock()
		return r.raw, first, n, nil
	}
	i := sort.Search(len(f.chunks), func(i int) bool { return f.chunks[i].first > row }) - 1
	c := f.chunks[i]
	f.mu.RUnlock()
	if r.loaded == c.offset {
		return r.raw, c.first, c.rows, nil
	}
	r.loaded = 0
	if r.raw, r.stored, err = f.readChunk(c, r.raw, r.stored); err == nil {
		r.loaded = c.offset
	}
	return r.raw, c.first, c.rows, err
}
