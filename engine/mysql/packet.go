package mysql

import (
	"encoding/binary"
	"errors"
	"io"
)

// maxPayload is the longest payload of one packet; a longer message goes on in
// the next one.
const maxPayload = 1<<24 - 1

const (
	readBuffer = 64 << 10
	keepLong   = 1 << 20 // bytes of a long message's buffer kept for the next
)

var errMalformed = errors.New("the server sent a packet that is no MySQL packet")

// tooLongError reports a message longer than the reader was told to accept.
type tooLongError struct{ size int }

func (*tooLongError) Error() string { return "the server sent a row that is too long" }

// packetReader takes the server's bytes apart into messages without copying
// them where it can.
type packetReader struct {
	src        io.Reader
	buf        []byte
	start, end int    // unread bytes in buf
	long       []byte // of a message that does not fit into buf
	seq        byte   // number the next packet written must bear
}

// next returns the next message. It stays valid until the following call. With
// limit > 0 a longer message is skipped and reported as *tooLongError.
func (r *packetReader) next(limit int) ([]byte, error) {
	size, err := r.header()
	if err != nil {
		return nil, err
	}
	if limit > 0 && size > limit {
		return nil, r.skip(size, size)
	}
	if size < maxPayload && size <= len(r.buf) {
		if err := r.fill(size); err != nil {
			return nil, err
		}
		p := r.buf[r.start : r.start+size : r.start+size]
		r.start += size
		return p, nil
	}
	return r.nextLong(size, limit)
}

func (r *packetReader) nextLong(size, limit int) ([]byte, error) {
	if cap(r.long) > keepLong {
		r.long = nil
	}
	r.long = r.long[:0]
	for {
		have := len(r.long)
		if limit > 0 && have+size > limit {
			return nil, r.skip(size, have+size)
		}
		if cap(r.long) < have+size {
			r.long = append(make([]byte, 0, have+size), r.long...)
		}
		r.long = r.long[:have+size]
		buffered := copy(r.long[have:], r.buf[r.start:r.end])
		r.start += buffered
		if _, err := io.ReadFull(r.src, r.long[have+buffered:]); err != nil {
			return nil, err
		}
		if size < maxPayload {
			return r.long, nil
		}
		var err error
		if size, err = r.header(); err != nil {
			return nil, err
		}
	}
}

// skip reads the rest of a message, size bytes of this packet and all that
// follow, and returns a *tooLongError telling total and what was added to it.
func (r *packetReader) skip(size, total int) error {
	for {
		for left := size; left > 0; {
			part := min(left, len(r.buf))
			if err := r.fill(part); err != nil {
				return err
			}
			r.start += part
			left -= part
		}
		if size < maxPayload {
			return &tooLongError{total}
		}
		var err error
		if size, err = r.header(); err != nil {
			return err
		}
		total += size
	}
}

// header reads a packet's header and returns its payload's length.
func (r *packetReader) header() (int, error) {
	if err := r.fill(headerSize); err != nil {
		return 0, err
	}
	h := r.buf[r.start : r.start+headerSize]
	r.start += headerSize
	if h[3] != r.seq {
		return 0, errMalformed
	}
	r.seq++
	return int(h[0]) | int(h[1])<<8 | int(h[2])<<16, nil
}

// fill makes sure that n unread bytes are in buf; n is at most len(buf).
func (r *packetReader) fill(n int) error {
	if r.end-r.start >= n {
		return nil
	}
	if r.start > 0 {
		r.end = copy(r.buf, r.buf[r.start:r.end])
		r.start = 0
	}
	read, err := io.ReadAtLeast(r.src, r.buf[r.end:], n-r.end)
	r.end += read
	return err
}

// number reads a length-encoded integer from p and returns it with its width in
// bytes; width 0 means that p is too short or holds none.
func number(p []byte) (n uint64, width int) {
	if len(p) == 0 {
		return 0, 0
	}
	switch first := p[0]; {
	case first < 0xfb:
		return uint64(first), 1
	case first == 0xfc && len(p) >= 3:
		return uint64(binary.LittleEndian.Uint16(p[1:])), 3
	case first == 0xfd && len(p) >= 4:
		return uint64(p[1]) | uint64(p[2])<<8 | uint64(p[3])<<16, 4
	case first == 0xfe && len(p) >= 9:
		return binary.LittleEndian.Uint64(p[1:]), 9
	}
	return 0, 0
}

// text reads a length-encoded string from p. The string aliases p; ok is false
// if p holds none.
func text(p []byte) (s, rest []byte, ok bool) {
	n, width := number(p)
	if width == 0 || n > uint64(len(p)-width) {
		return nil, nil, false
	}
	end := width + int(n)
	return p[width:end:end], p[end:], true
}
