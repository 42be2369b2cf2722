package worker

import (
	"encoding/binary"
	"encoding/json"
	"fmt"

	"dribble/engine"
)

// Hello decodes a FrameHello.
func (f Frame) Hello() (Hello, error) { return decode[Hello](f, FrameHello) }

// Begin decodes a FrameBegin.
func (f Frame) Begin() (Begin, error) { return decode[Begin](f, FrameBegin) }

// Columns decodes a FrameColumns.
func (f Frame) Columns() (Columns, error) { return decode[Columns](f, FrameColumns) }

// Notice decodes a FrameNotice.
func (f Frame) Notice() (Notice, error) { return decode[Notice](f, FrameNotice) }

// End decodes a FrameEnd.
func (f Frame) End() (End, error) { return decode[End](f, FrameEnd) }

// Done decodes a FrameDone.
func (f Frame) Done() (Done, error) { return decode[Done](f, FrameDone) }

func (f Frame) step() (engine.CheckStep, error) { return decode[engine.CheckStep](f, FrameStep) }

func (f Frame) info() (engine.Info, error) { return decode[engine.Info](f, FrameInfo) }

func (f Frame) checkError() (engine.CheckError, error) {
	return decode[engine.CheckError](f, FrameCheckError)
}

// Batch splits a FrameBatch into its number of rows and the rows themselves,
// which alias the payload. A frame that is no batch gives 0 and nil; Stream.Next
// has checked the rows already.
func (f Frame) Batch() (rows int, data []byte) {
	rows, data, err := f.batch()
	if err != nil {
		return 0, nil
	}
	return rows, data
}

func (f Frame) batch() (rows int, data []byte, err error) {
	n, w := binary.Uvarint(f.Payload)
	if f.Type != FrameBatch || w <= 0 || n > MaxFrame {
		return 0, nil, fmt.Errorf("batch without a row count: %w", ErrFrame)
	}
	return int(n), f.Payload[w:], nil
}

func decode[T any](f Frame, want FrameType) (T, error) {
	var v T
	if f.Type != want {
		return v, fmt.Errorf("frame %q where %q was asked for: %w", byte(f.Type), byte(want), ErrFrame)
	}
	if err := json.Unmarshal(f.Payload, &v); err != nil {
		return v, fmt.Errorf("frame %q: %w: %w", byte(f.Type), ErrFrame, err)
	}
	return v, nil
}
