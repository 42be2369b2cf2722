package pool

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// maxSocketPath is the longest path of a unix socket that every system takes, in
// bytes.
const maxSocketPath = 103

// record is what a server leaves on disk about a child, so that the next one can
// tell a worker that outlived a crash from anything else.
type record struct {
	ID          string    `json:"id"`
	InstanceID  string    `json:"instance_id"`
	SourceID    string    `json:"source_id"`
	SpecHash    string    `json:"spec_hash"`
	Pid         int       `json:"pid"`
	Birth       string    `json:"birth"` // of the process, in the system's own terms
	Parent      int       `json:"parent"`
	ParentBirth string    `json:"parent_birth"`
	StartedAt   time.Time `json:"started_at"`
}

// alive reports whether the worker still runs.
func (r record) alive() bool { return r.Birth != "" && birth(r.Pid) == r.Birth }

// orphaned reports whether the server that started the worker is gone.
func (r record) orphaned() bool { return birth(r.Parent) != r.ParentBirth }

func (l *ProcessLauncher) socket(id string) string { return filepath.Join(l.sockets, id+".sock") }

func (l *ProcessLauncher) recordFile(id string) string {
	return filepath.Join(l.opt.Dir, id+".json")
}

func (l *ProcessLauncher) record(i Instance) error {
	text, err := json.Marshal(record{
		ID: i.ID, InstanceID: i.InstanceID, SourceID: i.SourceID, SpecHash: i.SpecHash,
		Pid: i.Pid, Birth: birth(i.Pid), Parent: os.Getpid(), ParentBirth: birth(os.Getpid()),
		StartedAt: i.StartedAt,
	})
	if err != nil {
		return fmt.Errorf("encode record: %w", err)
	}
	if err := os.WriteFile(l.recordFile(i.ID), text, 0o600); err != nil {
		return fmt.Errorf("write record: %w", err)
	}
	return nil
}

// forget removes what a worker left on disk.
func (l *ProcessLauncher) forget(id string) {
	_ = os.Remove(l.socket(id)) // mostly gone: a worker removes it itself
	_ = os.Remove(l.recordFile(id))
}

// leftovers returns live workers of servers that are gone, and clears away the
// files of dead ones.
func (l *ProcessLauncher) leftovers() ([]Instance, error) {
	files, err := os.ReadDir(l.opt.Dir)
	if err != nil {
		return nil, fmt.Errorf("read worker folder: %w", err)
	}
	var list []Instance
	for _, f := range files {
		id, ok := strings.CutSuffix(f.Name(), ".json")
		if !ok || l.mine(id) {
			continue
		}
		r, err := l.readRecord(id)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		switch {
		case err != nil || !r.alive():
			l.forget(id)
		case r.orphaned():
			list = append(list, Instance{
				ID: r.ID, InstanceID: r.InstanceID, SourceID: r.SourceID, SpecHash: r.SpecHash,
				Network: "unix", Address: l.socket(id), Pid: r.Pid, StartedAt: r.StartedAt,
			})
		}
	}
	return list, l.clearSockets()
}

// clearSockets removes sockets that nobody listens on and no record speaks of.
func (l *ProcessLauncher) clearSockets() error {
	files, err := os.ReadDir(l.sockets)
	if err != nil {
		return fmt.Errorf("read socket folder: %w", err)
	}
	for _, f := range files {
		id, ok := strings.CutSuffix(f.Name(), ".sock")
		if !ok || l.mine(id) {
			continue
		}
		if _, err := os.Stat(l.recordFile(id)); err == nil {
			continue
		}
		conn, err := net.DialTimeout("unix", l.socket(id), time.Second)
		if err == nil {
			_ = conn.Close()
		} else if errors.Is(err, syscall.ECONNREFUSED) {
			_ = os.Remove(l.socket(id))
		}
	}
	return nil
}

func (l *ProcessLauncher) mine(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.procs[id] != nil
}

func (l *ProcessLauncher) readRecord(id string) (record, error) {
	var r record
	text, err := os.ReadFile(l.recordFile(id))
	if err != nil {
		return r, fmt.Errorf("read record: %w", err)
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("read record: %w", err)
	}
	return r, nil
}

// stopLeftover kills a worker that a crashed server left behind. There is no
// token to talk to it with.
func (l *ProcessLauncher) stopLeftover(id string) error {
	r, err := l.readRecord(id)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if r.alive() && r.orphaned() {
		if err := syscall.Kill(r.Pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("kill worker of an earlier server: %w", err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), termGrace)
	defer cancel()
	for r.alive() {
		select {
		case <-ctx.Done():
			return errors.New("worker of an earlier server does not end")
		case <-time.After(10 * time.Millisecond):
		}
	}
	l.forget(id)
	return nil
}

// socketDir returns where sockets go: dir itself if its path leaves room.
func socketDir(dir string) (string, error) {
	const longestName = len("/0123456789abcdef.sock")
	if len(dir)+longestName <= maxSocketPath {
		return dir, nil
	}
	sum := sha256.Sum256([]byte(dir))
	short := filepath.Join(os.TempDir(), "dribble-"+hex.EncodeToString(sum[:6]))
	if len(short)+longestName > maxSocketPath {
		return "", fmt.Errorf("the paths of %s and of the temporary folder are too long for sockets", dir)
	}
	if err := os.Mkdir(short, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("socket folder: %w", err)
	}
	if err := private(short); err != nil {
		return "", err
	}
	return short, nil
}
