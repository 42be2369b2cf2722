package result

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"sync"
)

// A result file is, in order:
//
//	header   "DRBR", version byte, uint32 length, columns as JSON
//	chunks   each: uint32 rows, uint32 raw length, uint32 stored length,
//	         uint32 CRC-32 of the stored bytes, then the rows compressed by s2
//	index    each chunk: uint64 file offset, uint32 rows
//	footer   uint64 index offset, uint32 chunks, "DRBI"
//
// All integers are little-endian. A file without a footer (its server died) is
// read up to its last whole chunk.
const (
	headerMagic  = "DRBR"
	footerMagic  = "DRBI"
	fileVersion  = 1
	chunkHeader  = 16
	indexEntry   = 12
	footerLength = 16

	// A chunk ends at this many rows or raw bytes, whichever comes first, so
	// that reading any window touches little and wide rows stay bounded.
	chunkRows  = 1024
	chunkBytes = 1 << 20
)

type chunk struct {
	offset int64
	first  int64 // row number of its first row
	rows   int
}

// file is the state that a Writer and its Readers share. A Reader of a finished
// file owns one of its own.
type file struct {
	columns []Column
	f       *os.File

	mu       sync.RWMutex
	chunks   []chunk
	tail     []byte // rows not yet in a chunk
	tailRows int
	rows     int64 // all rows, tail included
	end      int64 // where the next chunk goes
}

func writeHeader(f *os.File, columns []Column) (int64, error) {
	cols, err := json.Marshal(columns)
	if err != nil {
		return 0, fmt.Errorf("encode columns: %w", err)
	}
	head := append([]byte(headerMagic), fileVersion)
	head = binary.LittleEndian.AppendUint32(head, uint32(len(cols)))
	head = append(head, cols...)
	if _, err := f.Write(head); err != nil {
		return 0, fmt.Errorf("write result header: %w", err)
	}
	return int64(len(head)), nil
}

// openFile reads header and index; f stays open and belongs to the result.
func openFile(f *os.File) (*file, error) {
	head := make([]byte, 9)
	if _, err := f.ReadAt(head, 0); err != nil {
		return nil, fmt.Errorf("read result header: %w", err)
	}
	if string(head[:4]) != headerMagic || head[4] != fileVersion {
		return nil, ErrCorrupt
	}
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("stat result: %w", err)
	}
	length := int64(binary.LittleEndian.Uint32(head[5:]))
	if 9+length > info.Size() {
		return nil, ErrCorrupt
	}
	cols := make([]byte, length)
	if _, err := f.ReadAt(cols, 9); err != nil {
		return nil, fmt.Errorf("read result columns: %w", err)
	}
	r := &file{f: f, end: 9 + length}
	if err := json.Unmarshal(cols, &r.columns); err != nil {
		return nil, fmt.Errorf("decode result columns: %w", err)
	}
	if err := r.readIndex(info.Size()); err == nil {
		return r, nil
	}
	r.chunks, r.rows, r.end = nil, 0, 9+length
	return r, r.scanChunks(info.Size())
}

// readIndex loads the index by the footer.
func (r *file) readIndex(size int64) error {
	if size < r.end+footerLength {
		return ErrCorrupt
	}
	foot := make([]byte, footerLength)
	if _, err := r.f.ReadAt(foot, size-footerLength); err != nil {
		return fmt.Errorf("read result footer: %w", err)
	}
	at := int64(binary.LittleEndian.Uint64(foot))
	n := int64(binary.LittleEndian.Uint32(foot[8:]))
	if string(foot[12:]) != footerMagic || at < r.end || at+n*indexEntry+footerLength != size {
		return ErrCorrupt
	}
	index := make([]byte, n*indexEntry)
	if _, err := r.f.ReadAt(index, at); err != nil {
		return fmt.Errorf("read result index: %w", err)
	}
	r.chunks = make([]chunk, n)
	for i := range r.chunks {
		e := index[i*indexEntry:]
		c := chunk{offset: int64(binary.LittleEndian.Uint64(e)), first: r.rows, rows: int(binary.LittleEndian.Uint32(e[8:]))}
		if c.offset < r.end || c.offset >= at || c.rows == 0 {
			return ErrCorrupt
		}
		r.chunks[i] = c
		r.rows += int64(c.rows)
	}
	r.end = at
	return nil
}

// scanChunks rebuilds the index of a file whose writer did not finish.
func (r *file) scanChunks(size int64) error {
	head := make([]byte, chunkHeader)
	for r.end+chunkHeader <= size {
		if _, err := r.f.ReadAt(head, r.end); err != nil {
			return fmt.Errorf("scan result: %w", err)
		}
		rows := int(binary.LittleEndian.Uint32(head))
		next := r.end + chunkHeader + int64(binary.LittleEndian.Uint32(head[8:]))
		if rows == 0 || next > size {
			return nil
		}
		r.chunks = append(r.chunks, chunk{offset: r.end, first: r.rows, rows: rows})
		r.rows += int64(rows)
		r.end = next
	}
	return nil
}

// readChunk returns the raw rows of c in dst's space, using scratch for the
// stored form.
func (r *file) readChunk(c chunk, dst, scratch []byte) (raw, stored []byte, err error) {
	var head [chunkHeader]byte
	if _, err := r.f.ReadAt(head[:], c.offset); err != nil {
		return dst, scratch, readError(err)
	}
	rawLen := int(binary.LittleEndian.Uint32(head[4:]))
	storedLen := int(binary.LittleEndian.Uint32(head[8:]))
	stored = grow(scratch, storedLen)
	if _, err := r.f.ReadAt(stored, c.offset+chunkHeader); err != nil {
		return dst, stored, readError(err)
	}
	if crc32.ChecksumIEEE(stored) != binary.LittleEndian.Uint32(head[12:]) {
		return dst, stored, ErrCorrupt
	}
	raw, err = decompress(grow(dst, rawLen), stored)
	return raw, stored, err
}

func readError(err error) error {
	if errors.Is(err, io.EOF) {
		return ErrCorrupt
	}
	return fmt.Errorf("read result chunk: %w", err)
}

func grow(b []byte, n int) []byte {
	if cap(b) < n {
		return make([]byte, n)
	}
	return b[:n]
}
