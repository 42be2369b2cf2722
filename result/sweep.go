package result

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// leftoverAge is how old a file without a result must be to count as left over: the
// view of a result that is gone, or what a process that died had begun.
const leftoverAge = time.Hour

// kept is one result on disk with its views.
type kept struct {
	key   string
	files []string
	size  int64     // of all files
	at    time.Time // last write of the rows; of the newest file if it has none
	rows  bool      // it has its rows, and is no leftover
}

// Sweep removes results last written before the cutoff, then the oldest ones
// until all take at most quota bytes, their views counted in. It returns the keys
// removed. Results being written stay.
func (s *Store) Sweep(ctx context.Context, cutoff time.Time, quota int64) ([]string, error) {
	results, err := s.list()
	if err != nil {
		return nil, err
	}
	var total int64
	for _, k := range results {
		total += k.size
	}
	var removed []string
	for _, k := range results {
		if ctx.Err() != nil {
			break
		}
		if !k.rows {
			if time.Since(k.at) > leftoverAge {
				err = errors.Join(err, k.remove())
				total -= k.size
			}
			continue
		}
		if s.isOpen(k.key) || (!k.at.Before(cutoff) && total <= quota) {
			continue
		}
		if removeErr := k.remove(); removeErr != nil {
			return removed, errors.Join(err, removeErr)
		}
		total -= k.size
		removed = append(removed, k.key)
	}
	return removed, err
}

func (s *Store) isOpen(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open[key] != nil
}

// list returns what is in the folder: leftovers first, since they go before any
// result does, then the results from the oldest on.
func (s *Store) list() ([]*kept, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, fmt.Errorf("list results: %w", err)
	}
	byKey := map[string]*kept{}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			continue // removed meanwhile
		}
		key, _, _ := strings.Cut(e.Name(), ".")
		k := byKey[key]
		if k == nil {
			k = &kept{key: key}
			byKey[key] = k
		}
		k.files = append(k.files, filepath.Join(s.dir, e.Name()))
		k.size += info.Size()
		switch isRows := strings.HasSuffix(e.Name(), suffix); {
		case isRows:
			k.rows, k.at = true, info.ModTime()
		case !k.rows && info.ModTime().After(k.at):
			k.at = info.ModTime()
		}
	}
	results := make([]*kept, 0, len(byKey))
	for _, k := range byKey {
		results = append(results, k)
	}
	slices.SortFunc(results, func(a, b *kept) int {
		if a.rows != b.rows {
			if b.rows {
				return -1
			}
			return 1
		}
		return cmp.Or(a.at.Compare(b.at), strings.Compare(a.key, b.key))
	})
	return results, nil
}

func (k *kept) remove() error {
	for _, path := range k.files {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove result: %w", err)
		}
	}
	return nil
}
