package worker

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// ErrFrame reports bytes that are no valid frame: an unknown type, a payload
// over MaxFrame, a payload of the wrong shape.
var ErrFrame = errors.New("worker: invalid frame")

// ErrTruncated reports a stream that ended in the middle of a frame.
var ErrTruncated = fmt.Errorf("worker: stream ended inside a frame: %w", io.ErrUnexpectedEOF)

// Sizes of the frame buffers, in bytes.
const (
	frameBuffer = 64 << 10 // of the connection, both ways
	frameKeep   = 1 << 20  // a payload buffer larger than this is not kept
)

// Frame is one frame of a stream. Payload is valid until the reader's next call.
type Frame struct {
	Type    FrameType
	Payload []byte
}

// FrameWriter writes frames to a connection through a buffer. It is not safe for
// concurrent use.
type FrameWriter struct {
	w    *bufio.Writer
	head [1 + 2*binary.MaxVarintLen64]byte
}

// NewFrameWriter writes to w, which stays the caller's.
func NewFrameWriter(w io.Writer) *FrameWriter {
	return &FrameWriter{w: bufio.NewWriterSize(w, frameBuffer)}
}

// JSON writes a frame whose payload is v as JSON.
func (fw *FrameWriter) JSON(t FrameType, v any) error {
	payload, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode frame %q: %w", byte(t), err)
	}
	return fw.Raw(t, payload)
}

// Raw writes a frame whose payload is already encoded.
func (fw *FrameWriter) Raw(t FrameType, payload []byte) error {
	if len(payload) > MaxFrame {
		return fmt.Errorf("frame %q of %d bytes: %w", byte(t), len(payload), ErrFrame)
	}
	head := append(fw.head[:0], byte(t))
	head = binary.AppendUvarint(head, uint64(len(payload)))
	return fw.write(head, payload)
}

// Batch writes a batch of rows in package result's encoding. The data is not
// copied when it is larger than the buffer.
func (fw *FrameWriter) Batch(rows int, data []byte) error {
	var count [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(count[:], uint64(rows))
	if n+len(data) > MaxFrame {
		return fmt.Errorf("batch of %d bytes: %w", len(data), ErrFrame)
	}
	head := append(fw.head[:0], byte(FrameBatch))
	head = binary.AppendUvarint(head, uint64(n+len(data)))
	return fw.write(append(head, count[:n]...), data)
}

func (fw *FrameWriter) write(head, payload []byte) error {
	if _, err := fw.w.Write(head); err != nil {
		return fmt.Errorf("write frame: %w", err)
	}
	if _, err := fw.w.Write(payload); err != nil {
		return fmt.Errorf("write frame: %w", err)
	}
	return nil
}

// Flush hands everything written so far to the connection.
func (fw *FrameWriter) Flush() error {
	if err := fw.w.Flush(); err != nil {
		return fmt.Errorf("flush frames: %w", err)
	}
	return nil
}

// FrameReader takes frames off a connection, one at a time, in memory bounded by
// MaxFrame whatever the peer sends. It is not safe for concurrent use.
type FrameReader struct {
	r   *bufio.Reader
	buf []byte
}

// NewFrameReader reads from r, which stays the caller's.
func NewFrameReader(r io.Reader) *FrameReader {
	return &FrameReader{r: bufio.NewReaderSize(r, frameBuffer)}
}

// Next returns the next frame; its payload is valid until the call after. The
// error is io.EOF when the input ends between two frames, ErrTruncated when it
// ends inside one, ErrFrame for bytes that are no frame, else the reader's own.
func (fr *FrameReader) Next() (Frame, error) {
	t, err := fr.r.ReadByte()
	if errors.Is(err, io.EOF) {
		return Frame{}, io.EOF
	}
	if err != nil {
		return Frame{}, fmt.Errorf("read frame: %w", err)
	}
	if !FrameType(t).known() {
		return Frame{}, fmt.Errorf("unknown type %#x: %w", t, ErrFrame)
	}
	size, err := fr.size()
	if err != nil {
		return Frame{}, err
	}
	if err := fr.fill(size); err != nil {
		return Frame{}, err
	}
	return Frame{Type: FrameType(t), Payload: fr.buf}, nil
}

// size reads a payload's length. Longer spellings of a number than needed are
// taken, but none of more than five bytes: MaxFrame needs four.
func (fr *FrameReader) size() (int, error) {
	var n uint64
	for shift := 0; shift < 35; shift += 7 {
		b, err := fr.r.ReadByte()
		if err != nil {
			return 0, cut(err)
		}
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			if n > MaxFrame {
				return 0, fmt.Errorf("payload of %d bytes: %w", n, ErrFrame)
			}
			return int(n), nil
		}
	}
	return 0, fmt.Errorf("payload length does not end: %w", ErrFrame)
}

// fill reads size bytes into the buffer. The buffer grows with the bytes that
// have really come, so that a false length costs no memory.
func (fr *FrameReader) fill(size int) error {
	if cap(fr.buf) > frameKeep && size <= frameKeep {
		fr.buf = nil
	}
	if size <= cap(fr.buf) {
		fr.buf = fr.buf[:size]
		_, err := io.ReadFull(fr.r, fr.buf)
		return cut(err)
	}
	fr.buf = fr.buf[:0]
	for len(fr.buf) < size {
		have := len(fr.buf)
		want := min(size, max(2*have, frameBuffer))
		grown := make([]byte, want)
		copy(grown, fr.buf)
		if _, err := io.ReadFull(fr.r, grown[have:]); err != nil {
			return cut(err)
		}
		fr.buf = grown
	}
	return nil
}

// cut names the end of input inside a frame.
func cut(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return ErrTruncated
	default:
		return fmt.Errorf("read frame: %w", err)
	}
}

func (t FrameType) known() bool {
	switch t {
	case FrameHello, FrameBegin, FrameColumns, FrameBatch, FrameNotice, FrameEnd, FrameDone,
		FrameStep, FrameInfo, FrameCheckError:
		return true
	}
	return false
}
