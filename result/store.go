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
	"sync"
	"time"
)

// ErrGone reports a result that was never stored, was removed or has expired.
var ErrGone = errors.New("result: no such result")

const suffix = ".rows"

// Store keeps results as files in one folder. It is safe for concurrent use; one
// process owns the folder.
type Store struct {
	dir string

	mu   sync.Mutex
	open map[string]*shared // results being written, by key
}

// shared counts the users of a file that is being written, so that its handle
// is closed once and only when nobody reads it.
type shared struct {
	file *file
	refs int
}

// OpenStore uses dir, making it if needed.
func OpenStore(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make result folder: %w", err)
	}
	return &Store{dir: dir, open: make(map[string]*shared)}, nil
}

// Key names the result of statement seq of a run.
func Key(runID string, seq int) string { return fmt.Sprintf("%s-%d", runID, seq) }

func (s *Store) path(key string) (string, error) {
	if key == "" || strings.ContainsAny(key, `/\.`) {
		return "", ErrGone
	}
	return filepath.Join(s.dir, key+suffix), nil
}

// Create starts a result. The caller must Close the Writer. A result of the
// same key is replaced.
func (s *Store) Create(key string, columns []Column) (*Writer, error) {
	path, err := s.path(key)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create result: %w", err)
	}
	r := &file{columns: columns, f: f}
	if r.end, err = writeHeader(f, columns); err != nil {
		_ = f.Close()
		return nil, err
	}
	s.mu.Lock()
	s.open[key] = &shared{file: r, refs: 1}
	s.mu.Unlock()
	return &Writer{store: s, key: key, file: r}, nil
}

// finished drops the writer's hold on a result.
func (s *Store) finished(key string) {
	s.mu.Lock()
	sh := s.open[key]
	delete(s.open, key)
	s.mu.Unlock()
	if sh != nil {
		s.release(sh)
	}
}

func (s *Store) release(sh *shared) {
	s.mu.Lock()
	sh.refs--
	last := sh.refs == 0
	s.mu.Unlock()
	if last {
		_ = sh.file.f.Close()
	}
}

// Open reads a result, also while it is being written. The caller must Close
// the Reader. ErrGone if there is none.
func (s *Store) Open(key string) (*Reader, error) {
	path, err := s.path(key)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	if sh := s.open[key]; sh != nil {
		sh.refs++
		s.mu.Unlock()
		return &Reader{file: sh.file, path: path, close: func() { s.release(sh) }, live: true}, nil
	}
	s.mu.Unlock()
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrGone
	}
	if err != nil {
		return nil, fmt.Errorf("open result: %w", err)
	}
	r, err := openFile(f)
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return &Reader{file: r, path: path, close: func() { _ = f.Close() }}, nil
}

// Remove deletes a result and its sorted views. Removing none is no error.
func (s *Store) Remove(key string) error {
	path, err := s.path(key)
	if err != nil {
		return err
	}
	views, _ := filepath.Glob(strings.TrimSuffix(path, suffix) + ".*.view")
	for _, p := range append(views, path) {
		if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove result: %w", err)
		}
	}
	return nil
}

// Sweep removes results last written before the cutoff, then the oldest ones
// until all take at most quota bytes. It returns the keys removed. Results
// being written stay.
func (s *Store) Sweep(ctx context.Context, cutoff time.Time, quota int64) ([]string, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, fmt.Errorf("list results: %w", err)
	}
	type item struct {
		key  string
		size int64
		at   time.Time
	}
	var items []item
	var total int64
	for _, e := range entries {
		info, statErr := e.Info()
		if statErr != nil {
			continue // removed meanwhile
		}
		total += info.Size()
		if key, ok := strings.CutSuffix(e.Name(), suffix); ok {
			items = append(items, item{key, info.Size(), info.ModTime()})
		}
	}
	slices.SortFunc(items, func(a, b item) int { return cmp.Or(a.at.Compare(b.at), strings.Compare(a.key, b.key)) })
	var removed []string
	for _, it := range items {
		if ctx.Err() != nil || (!it.at.Before(cutoff) && total <= quota) {
			break
		}
		s.mu.Lock()
		_, writing := s.open[it.key]
		s.mu.Unlock()
		if writing {
			continue
		}
		if err = s.Remove(it.key); err != nil {
			return removed, err
		}
		total -= it.size
		removed = append(removed, it.key)
	}
	return removed, err
}
