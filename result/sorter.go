package result

import (
	"bufio"
	"bytes"
	"cmp"
	"container/heap"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// sortMemory bounds the keys held in memory; more are sorted in runs on disk and
// merged.
const sortMemory = 24 << 20

// sorter orders (key, row) pairs with bounded memory. Equal keys keep the order
// in which they were added, also when descending.
type sorter struct {
	dir        string
	descending bool

	keys  []byte // all keys of the run in memory, end to end
	items []sortItem
	runs  []*os.File
}

type sortItem struct {
	start, end uint32 // in sorter.keys
	row        uint32
}

func (s *sorter) order(a, b []byte) int {
	if s.descending {
		return bytes.Compare(b, a)
	}
	return bytes.Compare(a, b)
}

func (s *sorter) add(key []byte, row uint32) error {
	start := uint32(len(s.keys))
	s.keys = append(s.keys, key...)
	s.items = append(s.items, sortItem{start, uint32(len(s.keys)), row})
	if len(s.keys)+len(s.items)*12 < sortMemory {
		return nil
	}
	return s.spill()
}

func (s *sorter) sortRun() {
	slices.SortFunc(s.items, func(a, b sortItem) int {
		return cmp.Or(s.order(s.keys[a.start:a.end], s.keys[b.start:b.end]), cmp.Compare(a.row, b.row))
	})
}

// spill writes the run in memory to a file without a name.
func (s *sorter) spill() error {
	s.sortRun()
	f, err := os.CreateTemp(s.dir, "sort-*")
	if err != nil {
		return fmt.Errorf("make sort run: %w", err)
	}
	_ = os.Remove(f.Name())
	s.runs = append(s.runs, f)
	w := bufio.NewWriterSize(f, 256<<10)
	var head []byte
	for _, it := range s.items {
		head = binary.AppendUvarint(head[:0], uint64(it.row))
		head = binary.AppendUvarint(head, uint64(it.end-it.start))
		_, _ = w.Write(head) // bufio keeps the first error for Flush
		_, _ = w.Write(s.keys[it.start:it.end])
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write sort run: %w", err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("rewind sort run: %w", err)
	}
	s.keys, s.items = s.keys[:0], s.items[:0]
	return nil
}

// merge emits all rows in order.
func (s *sorter) merge(ctx context.Context, emit func(uint32) error) error {
	if len(s.runs) == 0 {
		s.sortRun()
		for _, it := range s.items {
			if err := emit(it.row); err != nil {
				return err
			}
		}
		return nil
	}
	if err := s.spill(); err != nil {
		return err
	}
	s.keys, s.items = nil, nil
	h := &runHeap{order: s.order}
	for _, f := range s.runs {
		c := &runCursor{r: bufio.NewReaderSize(f, 64<<10)}
		if ok, err := c.next(); err != nil {
			return err
		} else if ok {
			h.runs = append(h.runs, c)
		}
	}
	heap.Init(h)
	for n := 0; len(h.runs) > 0; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		c := h.runs[0]
		if err := emit(c.row); err != nil {
			return err
		}
		ok, err := c.next()
		if err != nil {
			return err
		}
		if ok {
			heap.Fix(h, 0)
		} else {
			heap.Pop(h)
		}
	}
	return nil
}

func (s *sorter) close() {
	for _, f := range s.runs {
		_ = f.Close()
	}
}

// runCursor reads one sorted run.
type runCursor struct {
	r   *bufio.Reader
	key []byte
	row uint32
}

func (c *runCursor) next() (bool, error) {
	row, err := binary.ReadUvarint(c.r)
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read sort run: %w", err)
	}
	n, err := binary.ReadUvarint(c.r)
	if err != nil {
		return false, fmt.Errorf("read sort run: %w", err)
	}
	c.row, c.key = uint32(row), grow(c.key, int(n))
	if _, err := io.ReadFull(c.r, c.key); err != nil {
		return false, fmt.Errorf("read sort run: %w", err)
	}
	return true, nil
}

// runHeap is the runs ordered by their next item.
type runHeap struct {
	runs  []*runCursor
	order func(a, b []byte) int
}

func (h *runHeap) Len() int { return len(h.runs) }
func (h *runHeap) Less(i, j int) bool {
	a, b := h.runs[i], h.runs[j]
	return cmp.Or(h.order(a.key, b.key), cmp.Compare(a.row, b.row)) < 0
}
func (h *runHeap) Swap(i, j int) { h.runs[i], h.runs[j] = h.runs[j], h.runs[i] }
func (h *runHeap) Push(x any)    { h.runs = append(h.runs, x.(*runCursor)) }
func (h *runHeap) Pop() any {
	last := h.runs[len(h.runs)-1]
	h.runs = h.runs[:len(h.runs)-1]
	return last
}
