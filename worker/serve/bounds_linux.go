package serve

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"
)

// Bounds that the kernel holds a worker process to.
const (
	maxOpenFiles = 1024
	// mappedRoom is the memory that a healthy worker maps but does not use:
	// Go takes address space in large pieces, some 140 MB for a small heap.
	mappedRoom = 256 << 20
)

// bind makes the kernel hold the process to b. Memory taken beyond it is refused
// at that moment: a database library in this process then fails its statement,
// and Go's own allocator ends the process.
func (b bounds) bind() error {
	if err := lower(syscall.RLIMIT_NOFILE, maxOpenFiles); err != nil {
		return fmt.Errorf("bound open files: %w", err)
	}
	if b.fileSize > 0 {
		if err := lower(syscall.RLIMIT_FSIZE, uint64(b.fileSize)); err != nil {
			return fmt.Errorf("bound file size: %w", err)
		}
	}
	if b.memory <= 0 {
		return nil
	}
	limit := b.memory + mappedRoom
	if mapped := mappedBytes(); mapped > limit-mappedRoom/2 {
		return fmt.Errorf("bound memory: %d bytes are mapped already", mapped)
	}
	if err := lower(syscall.RLIMIT_DATA, uint64(limit)); err != nil {
		return fmt.Errorf("bound memory: %w", err)
	}
	return nil
}

// lower sets a bound unless a lower one holds already.
func lower(resource int, to uint64) error {
	var now syscall.Rlimit
	if err := syscall.Getrlimit(resource, &now); err != nil {
		return fmt.Errorf("read bound: %w", err)
	}
	now.Cur, now.Max = min(now.Cur, to), min(now.Max, to)
	if err := syscall.Setrlimit(resource, &now); err != nil {
		return fmt.Errorf("set bound: %w", err)
	}
	return nil
}

// mappedBytes is the writable memory that the process has mapped, used or not;
// what RLIMIT_DATA counts.
func mappedBytes() int64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(text, []byte("VmData:"))
	fields := bytes.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kb, err := strconv.ParseInt(string(fields[0]), 10, 64)
	if err != nil {
		return 0
	}
	return kb << 10
}
