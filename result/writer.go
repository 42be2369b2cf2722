package result

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/klauspost/compress/s2"
)

func decompress(dst, stored []byte) ([]byte, error) {
	raw, err := s2.Decode(dst, stored)
	if err != nil {
		return dst, ErrCorrupt
	}
	return raw, nil
}

// Writer appends the rows of one statement. One goroutine writes; any number of
// Readers may read at the same time.
type Writer struct {
	store *Store
	key   string
	file  *file
	comp  []byte
}

// Append adds rows whole rows encoded in data, which is copied.
func (w *Writer) Append(rows int, data []byte) error {
	for rows > 0 {
		take, n, err := w.fit(rows, data)
		if err != nil {
			return err
		}
		w.file.mu.Lock()
		w.file.tail = append(w.file.tail, data[:n]...)
		w.file.tailRows += take
		w.file.rows += int64(take)
		w.file.mu.Unlock()
		rows, data = rows-take, data[n:]
		if w.file.tailRows >= chunkRows || len(w.file.tail) >= chunkBytes {
			if err := w.flush(); err != nil {
				return err
			}
		}
	}
	if len(data) != 0 {
		return ErrCorrupt
	}
	return nil
}

// fit says how many of the rows go into the current chunk and their length.
func (w *Writer) fit(rows int, data []byte) (take, n int, err error) {
	columns := len(w.file.columns)
	for take < rows && w.file.tailRows+take < chunkRows && len(w.file.tail)+n < chunkBytes {
		size, err := SkipRow(data[n:], columns)
		if err != nil {
			return 0, 0, err
		}
		n += size
		take++
	}
	return take, n, nil
}

func (w *Writer) flush() error {
	r := w.file
	if r.tailRows == 0 {
		return nil
	}
	stored := s2.Encode(grow(w.comp, s2.MaxEncodedLen(len(r.tail))), r.tail)
	w.comp = stored
	var head [chunkHeader]byte
	binary.LittleEndian.PutUint32(head[:], uint32(r.tailRows))
	binary.LittleEndian.PutUint32(head[4:], uint32(len(r.tail)))
	binary.LittleEndian.PutUint32(head[8:], uint32(len(stored)))
	binary.LittleEndian.PutUint32(head[12:], crc32.ChecksumIEEE(stored))
	if _, err := r.f.WriteAt(head[:], r.end); err != nil {
		return fmt.Errorf("write result chunk: %w", err)
	}
	if _, err := r.f.WriteAt(stored, r.end+chunkHeader); err != nil {
		return fmt.Errorf("write result chunk: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.chunks = append(r.chunks, chunk{offset: r.end, first: r.rows - int64(r.tailRows), rows: r.tailRows})
	r.end += chunkHeader + int64(len(stored))
	r.tailRows = 0
	if cap(r.tail) > 4*chunkBytes {
		r.tail = nil // one huge row must not keep its buffer for ever
	}
	r.tail = r.tail[:0]
	return nil
}

// Close writes what is left and the index. The result stays in the store; a
// Reader opened before goes on working.
func (w *Writer) Close() error {
	defer w.store.finished(w.key)
	if err := w.flush(); err != nil {
		return err
	}
	r := w.file
	out := make([]byte, 0, len(r.chunks)*indexEntry+footerLength)
	for _, c := range r.chunks {
		out = binary.LittleEndian.AppendUint64(out, uint64(c.offset))
		out = binary.LittleEndian.AppendUint32(out, uint32(c.rows))
	}
	out = binary.LittleEndian.AppendUint64(out, uint64(r.end))
	out = binary.LittleEndian.AppendUint32(out, uint32(len(r.chunks)))
	out = append(out, footerMagic...)
	if _, err := r.f.WriteAt(out, r.end); err != nil {
		return fmt.Errorf("write result index: %w", err)
	}
	return nil
}
