package result

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"crypto/sha256"
)

// Order asks for a result sorted by one column and filtered. The zero Order is
// the order of arrival.
type Order struct {
	Sort   string // column name, or "#n" counted from 1; "-" before it means descending
	Filter string // see parseFilter
}

// ErrOrder reports a column that the result does not have, or an empty filter.
var ErrOrder = errors.New("result: no such column")

// ErrLive reports that a result still growing cannot be sorted or filtered.
var ErrLive = errors.New("result: still being written")

// View is a sorted or filtered arrangement of a stored result: a file of row
// numbers beside it, made once and reused.
type View struct {
	r    *Reader
	ids  *os.File
	rows int64
}

// View arranges the result as o asks. The caller must Close the View before the
// Reader. Sorting keeps memory bounded (about 32 MB) whatever the result's size.
func (r *Reader) View(ctx context.Context, o Order) (*View, error) {
	if r.live {
		return nil, ErrLive
	}
	sum := sha256.Sum256([]byte(o.Sort + "\x00" + o.Filter))
	path := strings.TrimSuffix(r.path, suffix) + "." + hex.EncodeToString(sum[:8]) + ".view"
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = r.buildView(ctx, o, path); err != nil {
			return nil, err
		}
		f, err = os.Open(path)
	}
	if err != nil {
		return nil, fmt.Errorf("open view: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("stat view: %w", err)
	}
	return &View{r: r, ids: f, rows: info.Size() / 4}, nil
}

func (r *Reader) buildView(ctx context.Context, o Order, path string) error {
	keep := func([][]byte) bool { return true }
	if o.Filter != "" {
		var err error
		if keep, err = parseFilter(r.file.columns, o.Filter); err != nil {
			return ErrOrder
		}
	}
	name, descending := strings.CutPrefix(o.Sort, "-")
	column := columnIndex(r.file.columns, name)
	if o.Sort != "" && column < 0 {
		return ErrOrder
	}
	out, err := os.CreateTemp(filepath.Dir(path), "making-*.view")
	if err != nil {
		return fmt.Errorf("make view: %w", err)
	}
	defer func() { _ = os.Remove(out.Name()) }() // gone already when renamed
	defer func() { _ = out.Close() }()
	w := bufio.NewWriterSize(out, 64<<10)
	emit := func(id uint32) error {
		var b [4]byte
		binary.LittleEndian.PutUint32(b[:], id)
		_, err := w.Write(b[:])
		return err
	}
	if column < 0 {
		err = r.Scan(ctx, 0, -1, func(row int64, cells [][]byte) error {
			if !keep(cells) {
				return nil
			}
			return emit(uint32(row))
		})
	} else {
		err = r.sortRows(ctx, column, descending, keep, emit)
	}
	if err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write view: %w", err)
	}
	if err := os.Rename(out.Name(), path); err != nil {
		return fmt.Errorf("finish view: %w", err)
	}
	return nil
}

func (r *Reader) sortRows(ctx context.Context, column int, descending bool, keep predicate, emit func(uint32) error) error {
	s := &sorter{dir: filepath.Dir(r.path), descending: descending}
	defer s.close()
	kind := r.file.columns[column].Kind
	var key []byte
	err := r.Scan(ctx, 0, -1, func(row int64, cells [][]byte) error {
		if !keep(cells) {
			return nil
		}
		key = appendSortKey(key[:0], kind, cells[column])
		return s.add(key, uint32(row))
	})
	if err != nil {
		return err
	}
	return s.merge(ctx, emit)
}

// Rows returns how many rows the view holds.
func (v *View) Rows() int64 { return v.rows }

// Scan calls visit for up to limit rows of the view from place offset on. The
// row number that visit gets is the place in the view.
func (v *View) Scan(ctx context.Context, offset, limit int64, visit Visit) error {
	if limit < 0 || offset+limit > v.rows {
		limit = v.rows - offset
	}
	var b [4]byte
	for i := range max(limit, 0) {
		if _, err := v.ids.ReadAt(b[:], (offset+i)*4); err != nil {
			return fmt.Errorf("read view: %w", err)
		}
		id := int64(binary.LittleEndian.Uint32(b[:]))
		err := v.r.Scan(ctx, id, 1, func(_ int64, cells [][]byte) error { return visit(offset+i, cells) })
		if err != nil {
			return err
		}
	}
	return nil
}

// Close gives the view back; its file stays for the next reader.
func (v *View) Close() { _ = v.ids.Close() }
