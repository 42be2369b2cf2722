package result

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// maxBuilds bounds how many views a store makes at a time, and so their memory.
const maxBuilds = 2

// builds makes each view once, however many ask for it at the same moment: a grid
// that has been sorted asks for several windows at once.
type builds struct {
	places chan struct{}

	mu     sync.Mutex
	making map[string]chan struct{} // by path; closed when the view is made, or cannot be
}

func newBuilds() *builds {
	return &builds{places: make(chan struct{}, maxBuilds), making: make(map[string]chan struct{})}
}

// once calls build unless another goroutine is building the same path: then it waits
// for that one's end. The caller looks for the file either way.
func (b *builds) once(ctx context.Context, path string, build func() error) error {
	b.mu.Lock()
	if other := b.making[path]; other != nil {
		b.mu.Unlock()
		select {
		case <-other:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	done := make(chan struct{})
	b.making[path] = done
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		delete(b.making, path)
		b.mu.Unlock()
		close(done)
	}()
	select {
	case b.places <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-b.places }()
	return build()
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
