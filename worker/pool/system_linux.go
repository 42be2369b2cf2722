package pool

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
)

// ownGroup puts a child in a group of its own, so that a Ctrl-C at the terminal
// ends the server in good order before its workers.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// birth identifies a process beyond its reused number: its start time in clock
// ticks since boot. It is "" if there is no such process or it is a zombie.
func birth(pid int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	// The name in brackets may hold anything; state is the first field after it.
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	const state, start = 0, 19
	if len(fields) <= start || string(fields[state]) == "Z" || string(fields[state]) == "X" {
		return ""
	}
	return string(fields[start])
}

// private reports an error unless dir is a folder that only this user can enter.
func private(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("socket folder: %w", err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || info.Mode().Perm() != 0o700 || int(stat.Uid) != os.Geteuid() {
		return fmt.Errorf("socket folder %s belongs to somebody else", dir)
	}
	return nil
}
