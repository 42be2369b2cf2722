package result

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// ErrGone reports a result that was never stored, was removed or has expired.
var ErrGone = errors.New("result: no such result")

const suffix = ".rows"

// Store keeps results as files in one folder. It is safe for concurrent use; one
// process owns the folder.
type Store struct {
	dir    string
	builds *builds

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
	return &Store{dir: dir, builds: newBuilds(), open: make(map[string]*shared)}, nil
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
		_ = os.Remove(path)
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
		return &Reader{file: sh.file, path: path, builds: s.builds, close: func() { s.release(sh) }, live: true}, nil
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
	return &Reader{file: r, path: path, builds: s.builds, close: func() { _ = f.Close() }}, nil
}
