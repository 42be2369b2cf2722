//go:build !linux

package pool

import (
	"fmt"
	"os"
	"syscall"
)

// ownGroup puts a child in a group of its own.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// birth cannot tell processes apart here: workers of a crashed server end by
// themselves, and are not looked for.
func birth(int) string { return "" }

// private reports an error unless dir is a folder that only its owner can enter.
func private(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("socket folder: %w", err)
	}
	if !info.IsDir() || info.Mode().Perm() != 0o700 {
		return fmt.Errorf("socket folder %s is open to others", dir)
	}
	return nil
}
