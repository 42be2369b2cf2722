package service

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// startTimeout bounds a server's start on a busy machine.
const startTimeout = 90 * time.Second

// home is a server's temporary folder and the account that owns it.
type home struct {
	dir  string
	cred *syscall.Credential // nil: the account of this process
}

// newHome makes a temporary folder. If this process is root, the folder belongs
// to the first of accounts that exists, because database servers refuse root.
func newHome(kind Kind, accounts ...string) (home, error) {
	dir, err := os.MkdirTemp("", "dribble-"+string(kind)+"-")
	if err != nil {
		return home{}, fmt.Errorf("make folder: %w", err)
	}
	h := home{dir: dir}
	if os.Getuid() != 0 {
		return h, nil
	}
	for _, name := range append(accounts, "nobody") {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
		if uidErr != nil || gidErr != nil {
			continue
		}
		h.cred = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		return h, h.own()
	}
	return h, nil
}

// own gives the folder and the files in it to the server's account.
func (h home) own() error {
	if h.cred == nil {
		return nil
	}
	return filepath.WalkDir(h.dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, int(h.cred.Uid), int(h.cred.Gid))
	})
}

func (h home) path(name string) string { return filepath.Join(h.dir, name) }

func (h home) write(name, text string) error {
	if err := os.WriteFile(h.path(name), []byte(text), 0o600); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

func (h home) remove() { _ = os.RemoveAll(h.dir) }

// run runs a program of the server's account to its end.
func (h home) run(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = h.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "HOME=" + h.dir, "TMPDIR=" + h.dir}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: h.cred, Setpgid: true}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("run %s: %w: %s", filepath.Base(name), err, tail(string(out)))
	}
	return nil
}

// Process is a running private server.
type Process struct {
	home  home
	cmd   *exec.Cmd
	stdin io.Closer
	ended chan struct{}
}

// supervise runs "$@" until standard input closes, then stops it with the
// signal $STOP and removes the folder $DIR. A server that ends by itself leaves
// a file "ended" and its log to be read until then.
const supervise = `exec 3<&0
"$@" </dev/null >>"$DIR/server.log" 2>&1 3<&- &
pid=$!
(cat <&3 >/dev/null; [ -e "$DIR/ended" ] || kill -$STOP $pid) &
wait $pid
touch "$DIR/ended"
wait
cd /
rm -rf "$DIR"
`

// start runs a server under the supervising shell; stop is the signal that ends
// it at once and cleanly.
func (h home) start(stop string, args ...string) (*Process, error) {
	cmd := exec.Command("/bin/sh", append([]string{"-c", supervise, "sh"}, args...)...)
	cmd.Dir = h.dir
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "HOME=" + h.dir, "TMPDIR=" + h.dir,
		"DIR=" + h.dir, "STOP=" + stop,
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: h.cred, Setpgid: true}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("make pipe: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start server: %w", err)
	}
	p := &Process{home: h, cmd: cmd, stdin: stdin, ended: make(chan struct{})}
	go func() {
		defer close(p.ended)
		_ = cmd.Wait()
	}()
	return p, nil
}

// Stop ends the server and removes its folder.
func (p *Process) Stop() {
	_ = p.stdin.Close()
	select {
	case <-p.ended:
	case <-time.After(20 * time.Second):
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		<-p.ended
	}
	p.home.remove()
}

// waitReady calls try until it succeeds. A server that ends meanwhile or does
// not answer in time is an error holding the end of its log.
func (p *Process) waitReady(ctx context.Context, try func() error) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	logTail := ""
	for {
		err := try()
		if err == nil {
			return nil
		}
		if text, readErr := os.ReadFile(p.home.path("server.log")); readErr == nil {
			logTail = tail(string(text))
		}
		if _, statErr := os.Stat(p.home.path("ended")); statErr == nil {
			return fmt.Errorf("server ended at start: %s", logTail)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("server not ready: %w: %s", err, logTail)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// freePort finds a loopback port that is free now.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// find looks for a program in PATH and in the folders of globs.
func find(name string, globs ...string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	for _, glob := range globs {
		found, err := filepath.Glob(glob)
		if err == nil && len(found) > 0 {
			return found[len(found)-1], nil
		}
	}
	return "", fmt.Errorf("%s: %w", name, ErrMissing)
}

// versionOf returns the first word of the program's version text that begins
// with a digit.
func versionOf(path string) string {
	out, err := exec.Command(path, "--version").Output()
	if err != nil {
		return "?"
	}
	for _, word := range strings.Fields(string(out)) {
		word = strings.TrimPrefix(word, "v=")
		if word[0] >= '0' && word[0] <= '9' {
			return word
		}
	}
	return "?"
}

func tail(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 1200 {
		s = "…" + s[len(s)-1200:]
	}
	return s
}
