package result

import (
	"encoding/binary"
	"errors"
)

// Rows travel and rest in one encoding, so a worker's batch is written to disk
// without being taken apart: each cell is a uvarint of its length plus one, then
// its bytes; 0 stands for NULL. A row is its cells in column order, and a batch
// is its rows one after another. The number of columns is known from outside.

// ErrCorrupt reports bytes that are no valid rows.
var ErrCorrupt = errors.New("result: corrupt row data")

// AppendCell appends one cell to dst. A nil cell is NULL; an empty non-nil cell
// is the empty string.
func AppendCell(dst, cell []byte) []byte {
	if cell == nil {
		return append(dst, 0)
	}
	dst = binary.AppendUvarint(dst, uint64(len(cell))+1)
	return append(dst, cell...)
}

// NextCell splits the first cell off data. The cell aliases data; it is nil for
// NULL and non-nil (perhaps empty) otherwise.
func NextCell(data []byte) (cell, rest []byte, err error) {
	n, w := binary.Uvarint(data)
	if w <= 0 {
		return nil, nil, ErrCorrupt
	}
	data = data[w:]
	if n == 0 {
		return nil, data, nil
	}
	if n-1 > uint64(len(data)) {
		return nil, nil, ErrCorrupt
	}
	return data[: n-1 : n-1], data[n-1:], nil
}

// SkipRow returns the length in bytes of the first row of data, which has
// columns cells.
func SkipRow(data []byte, columns int) (int, error) {
	rest := data
	for range columns {
		var err error
		if _, rest, err = NextCell(rest); err != nil {
			return 0, err
		}
	}
	return len(data) - len(rest), nil
}

// DecodeRow reads one row of len(cells) cells into cells, which alias data, and
// returns what follows.
func DecodeRow(data []byte, cells [][]byte) ([]byte, error) {
	var err error
	for i := range cells {
		if cells[i], data, err = NextCell(data); err != nil {
			return nil, err
		}
	}
	return data, nil
}
