package result

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
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
// Reader. Sorting keeps memory bounded (about 32 MB) whatever the result's size, and
// the store sorts few results at a time: others wait, until ctx ends.
func (r *Reader) View(ctx context.Context, o Order) (*View, error) {
	if r.live {
		return nil, ErrLive
	}
	sum := sha256.Sum256([]byte(o.Sort + "\x00" + o.Filter))
	path := strings.TrimSuffix(r.path, suffix) + "." + hex.EncodeToString(sum[:8]) + ".view"
	f, err := os.Open(path)
	for errors.Is(err, fs.ErrNotExist) {
		if err = r.builds.once(ctx, path, func() error { return r.buildView(ctx, o, path) }); err != nil {
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

// Rows returns how many rows the view holds.
func (v *View) Rows() int64 { return v.rows }

// Close gives the view back; its file stays for the next reader.
func (v *View) Close() { _ = v.ids.Close() }
