package sqlite

import (
	"errors"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// errMemory reports that SQLite could not allocate.
var errMemory = errors.New("sqlite: out of memory")

// The callbacks SQLite takes, as the Go functions the library calls.
type (
	authorizerFunc = func(tls *libc.TLS, arg uintptr, action int32, first, second, database, trigger uintptr) int32
	busyFunc       = func(tls *libc.TLS, arg uintptr, count int32) int32
)

// authorizerPointer and busyPointer give the C function pointer of a callback.
// The function must be kept reachable for as long as SQLite holds the pointer.
func authorizerPointer(f *authorizerFunc) uintptr { return *(*uintptr)(unsafe.Pointer(f)) }
func busyPointer(f *busyFunc) uintptr             { return *(*uintptr)(unsafe.Pointer(f)) }

// slots is the size of a conn's scratch memory: four pointers.
const slots = 4 * 8

// slot is the address of the i-th pointer of the scratch memory.
func (c *conn) slot(i int) uintptr { return c.scratch + uintptr(i)*8 }

// loaded reads the i-th pointer of the scratch memory, where SQLite wrote it.
func (c *conn) loaded(i int) uintptr { return libc.AtomicLoadPUintptr(c.slot(i)) }

// configure sets one of SQLite's on/off options of a connection.
func (c *conn) configure(option int32, on bool) error {
	var v int32
	if on {
		v = 1
	}
	// The library reads its variable arguments from memory of 8 bytes each.
	args := libc.VaList(c.scratch, v, uintptr(0))
	if rc := lib.Xsqlite3_db_config(c.tls, c.db, option, args); rc != lib.SQLITE_OK {
		return c.failure(rc)
	}
	return nil
}

// copyIn copies text into memory of SQLite's side, NUL-terminated. The caller
// frees it with release.
func (c *conn) copyIn(text string) (uintptr, error) {
	p := lib.Xsqlite3_malloc64(c.tls, uint64(len(text))+1)
	if p == 0 {
		return 0, errMemory
	}
	to := libc.GoBytes(p, len(text)+1)
	copy(to, text)
	to[len(text)] = 0
	return p, nil
}

func (c *conn) release(p uintptr) { lib.Xsqlite3_free(c.tls, p) }
