package worker

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"testing"
	"testing/iotest"

	"dribble/domain"
	"dribble/result"
)

// written gives the bytes of frames.
func written(t testing.TB, write func(fw *FrameWriter) error) []byte {
	t.Helper()
	var buf bytes.Buffer
	fw := NewFrameWriter(&buf)
	if err := write(fw); err != nil {
		t.Fatalf("write frames: %v", err)
	}
	if err := fw.Flush(); err != nil {
		t.Fatalf("flush: %v", err)
	}
	return buf.Bytes()
}

func TestFramesSurviveTheWire(t *testing.T) {
	t.Parallel()
	row := result.AppendCell(result.AppendCell(nil, []byte("a")), nil)
	large := result.AppendCell(nil, bytes.Repeat([]byte("x"), 3<<20))
	wire := written(t, func(fw *FrameWriter) error {
		return errors.Join(
			fw.JSON(FrameHello, Hello{Protocol: Version}),
			fw.Batch(1, row),
			fw.Batch(1, large),
			fw.JSON(FrameEnd, End{Seq: 3, Rows: 2, Affected: -1, Truncated: domain.TruncatedRows}),
		)
	})
	fr := NewFrameReader(iotest.OneByteReader(bytes.NewReader(wire)))
	next := func(want FrameType) Frame {
		t.Helper()
		f, err := fr.Next()
		if err != nil || f.Type != want {
			t.Fatalf("got frame %q, %v, want %q", f.Type, err, want)
		}
		return f
	}
	if h, err := next(FrameHello).Hello(); err != nil || h.Protocol != Version {
		t.Errorf("got hello %+v, %v", h, err)
	}
	if rows, data := next(FrameBatch).Batch(); rows != 1 || !bytes.Equal(data, row) {
		t.Errorf("got %d rows, %x, want 1, %x", rows, data, row)
	}
	if rows, data := next(FrameBatch).Batch(); rows != 1 || !bytes.Equal(data, large) {
		t.Errorf("got %d rows of %d bytes, want 1 of %d", rows, len(data), len(large))
	}
	e, err := next(FrameEnd).End()
	if err != nil || e.Seq != 3 || e.Rows != 2 || e.Truncated != domain.TruncatedRows {
		t.Errorf("got end %+v, %v", e, err)
	}
	if _, err := fr.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("got %v after the last frame, want io.EOF", err)
	}
}

func TestFrameReaderRefuses(t *testing.T) {
	t.Parallel()
	whole := written(t, func(fw *FrameWriter) error { return fw.JSON(FrameHello, Hello{Protocol: 1}) })
	tests := []struct {
		name string
		wire []byte
		want error
	}{
		{"unknown type", []byte{'?', 0}, ErrFrame},
		{"payload over the bound", binary.AppendUvarint([]byte{'b'}, MaxFrame+1), ErrFrame},
		{"length without end", []byte{'b', 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, ErrFrame},
		{"type alone", []byte{'b'}, ErrTruncated},
		{"half a length", []byte{'b', 0x80}, ErrTruncated},
		{"half a payload", whole[:len(whole)-1], ErrTruncated},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := NewFrameReader(bytes.NewReader(tt.wire)).Next(); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestFrameWriterRefusesWhatNoReaderTakes(t *testing.T) {
	t.Parallel()
	fw := NewFrameWriter(io.Discard)
	if err := fw.Batch(1, make([]byte, MaxFrame)); !errors.Is(err, ErrFrame) {
		t.Errorf("batch: got %v, want ErrFrame", err)
	}
	if err := fw.Raw(FrameNotice, make([]byte, MaxFrame+1)); !errors.Is(err, ErrFrame) {
		t.Errorf("raw: got %v, want ErrFrame", err)
	}
}

// A false length must not cost the memory it names.
func TestFalseLengthCostsNoMemory(t *testing.T) {
	wire := binary.AppendUvarint([]byte{'b'}, MaxFrame)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 100 {
		if _, err := NewFrameReader(bytes.NewReader(wire)).Next(); !errors.Is(err, ErrTruncated) {
			t.Fatalf("got %v, want ErrTruncated", err)
		}
	}
	runtime.ReadMemStats(&after)
	if got, limit := (after.TotalAlloc-before.TotalAlloc)/100, uint64(4*frameBuffer); got > limit {
		t.Errorf("%d bytes allocated for a frame that never came, want at most %d", got, limit)
	}
}

func TestFramesCostNoAllocation(t *testing.T) {
	data := bytes.Repeat(result.AppendCell(nil, []byte("cell")), 10_000)
	wire := written(t, func(fw *FrameWriter) error { return fw.Batch(10_000, data) })
	r := bytes.NewReader(nil)
	fr := NewFrameReader(r)
	fw := NewFrameWriter(io.Discard)
	got := testing.AllocsPerRun(100, func() {
		r.Reset(wire)
		if _, err := fr.Next(); err != nil {
			t.Fatal(err)
		}
		if err := fw.Batch(10_000, data); err != nil {
			t.Fatal(err)
		}
	})
	if got > 0 {
		t.Errorf("a batch of 10,000 rows costs %g allocations, want 0", got)
	}
}

func FuzzFrames(f *testing.F) {
	f.Add(written(f, func(fw *FrameWriter) error {
		return errors.Join(fw.JSON(FrameHello, Hello{Protocol: Version}), fw.JSON(FrameBegin, Begin{}),
			fw.JSON(FrameColumns, Columns{Columns: make([]result.Column, 1)}),
			fw.Batch(1, result.AppendCell(nil, []byte("a"))),
			fw.JSON(FrameEnd, End{Rows: 1}), fw.JSON(FrameDone, Done{Status: domain.RunSuccess}))
	}))
	f.Add([]byte{'b', 0xff, 0xff, 0xff, 0x07, 1})
	f.Fuzz(func(t *testing.T, wire []byte) {
		fr := NewFrameReader(bytes.NewReader(wire))
		o := newOrder(Exec{Statements: []Statement{{Seq: 0}}, Limits: Limits{Rows: 10, Bytes: 100, Cell: 50}})
		for {
			frame, err := fr.Next()
			if err != nil {
				return
			}
			if len(frame.Payload) > len(wire) {
				t.Fatalf("payload of %d bytes out of %d", len(frame.Payload), len(wire))
			}
			if err := o.check(frame); err != nil {
				if !errors.Is(err, ErrLost) {
					t.Fatalf("got %v, want it to match ErrLost", err)
				}
				return
			}
			if o.rows > 10 || o.bytes > 100 {
				t.Fatalf("let %d rows, %d bytes through", o.rows, o.bytes)
			}
		}
	})
}
