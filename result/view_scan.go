package result

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// A view's rows lie scattered over the result. They are gathered in portions: each is
// read in the order of the file, so that a chunk is unpacked once and not once for
// each of its rows, and then handed out in the order of the view.
const (
	gatherRows  = 64 << 10
	gatherBytes = 8 << 20
)

// Scan calls visit for up to limit rows of the view from place offset on, a negative
// limit meaning all. The row number that visit gets is the place in the view.
// Memory is bounded by about 10 MB or the widest row.
func (v *View) Scan(ctx context.Context, offset, limit int64, visit Visit) error {
	offset = max(offset, 0)
	if limit < 0 || limit > v.rows-offset {
		limit = v.rows - offset
	}
	g := gathering{r: v.r}
	cells := make([][]byte, len(v.r.file.columns))
	for n := int64(gatherRows); limit > 0; {
		n = min(n, limit)
		ids, err := v.idsAt(offset, n)
		if err != nil {
			return err
		}
		err = g.fill(ctx, ids)
		if errors.Is(err, errTooWide) {
			n = max(int64(g.filled)*3/4, 1)
			continue
		}
		if err != nil {
			return err
		}
		for i, at := range g.rows {
			if _, err := DecodeRow(g.data[at.start:at.end], cells); err != nil {
				return err
			}
			if err := visit(offset+int64(i), cells); err != nil {
				return err
			}
		}
		offset, limit = offset+n, limit-n
	}
	return nil
}

// idsAt reads the numbers of n rows from place offset of the view on.
func (v *View) idsAt(offset, n int64) ([]uint32, error) {
	text := make([]byte, n*4)
	if _, err := v.ids.ReadAt(text, offset*4); err != nil {
		return nil, fmt.Errorf("read view: %w", err)
	}
	ids := make([]uint32, n)
	for i := range ids {
		ids[i] = binary.LittleEndian.Uint32(text[i*4:])
	}
	return ids, nil
}

var errTooWide = errors.New("result: rows too wide to gather at once")

// gathering holds the encoded rows of one portion of a view.
type gathering struct {
	r      *Reader
	data   []byte
	rows   []span // where in data, by place in the portion
	filled int    // how many rows were read
}

type span struct{ start, end int }

// fill reads the rows numbered ids. It is errTooWide if more than one does not fit;
// filled then says how many did.
func (g *gathering) fill(ctx context.Context, ids []uint32) error {
	places := make([]int, len(ids))
	for i := range places {
		places[i] = i
	}
	slices.SortFunc(places, func(a, b int) int { return cmp.Compare(ids[a], ids[b]) })
	g.data, g.filled = g.data[:0], 0
	g.rows = slices.Grow(g.rows[:0], len(ids))[:len(ids)]
	var rest []byte     // encoded rows of the chunk at hand
	var next, end int64 // numbers of the first row in rest and of the first one after it
	for _, place := range places {
		row := int64(ids[place])
		if row >= end {
			if err := ctx.Err(); err != nil {
				return err
			}
			chunk, first, n, err := g.r.load(row)
			if err != nil {
				return err
			}
			if n == 0 {
				return ErrCorrupt // the view speaks of rows that the result has not
			}
			rest, next, end = chunk, first, first+int64(n)
		}
		for ; ; next++ {
			size, err := SkipRow(rest, len(g.r.file.columns))
			if err != nil {
				return err
			}
			if next < row {
				rest = rest[size:]
				continue
			}
			if g.filled > 0 && len(g.data)+size > gatherBytes {
				return errTooWide
			}
			g.rows[place] = span{len(g.data), len(g.data) + size}
			g.data = append(g.data, rest[:size]...)
			g.filled++
			break
		}
	}
	return nil
}
