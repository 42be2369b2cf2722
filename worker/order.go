package worker

import (
	"fmt"

	"dribble/domain"
	"dribble/result"
)

// order holds a stream to the protocol and to the limits of its Exec, so that
// what the server takes over from a worker, even a hostile one, is well formed.
type order struct {
	exec    Exec
	hello   bool
	begun   bool // inside a statement
	columns int  // of the current statement; -1 before its columns frame
	index   int  // of the current or next statement
	rows    int64
	bytes   int64
	notices int
	done    bool
}

// MaxNotices bounds the notices of one statement.
const MaxNotices = 200

func newOrder(exec Exec) *order { return &order{exec: exec, columns: -1} }

// check takes in the next frame. Its error matches ErrProtocol or ErrVersion.
func (o *order) check(f Frame) error {
	if o.done {
		return fmt.Errorf("frame %q after the end: %w", byte(f.Type), ErrProtocol)
	}
	var err error
	switch f.Type {
	case FrameHello:
		err = o.checkHello(f)
	case FrameBegin:
		err = o.checkBegin(f)
	case FrameColumns:
		err = o.checkColumns(f)
	case FrameBatch:
		err = o.checkBatch(f)
	case FrameNotice:
		err = o.checkNotice(f)
	case FrameEnd:
		err = o.checkEnd(f)
	case FrameDone:
		err = o.checkDone(f)
	default:
		err = o.wrong(f)
	}
	return err
}

func (o *order) wrong(f Frame) error {
	return fmt.Errorf("frame %q out of place: %w", byte(f.Type), ErrProtocol)
}

// seq tells whether a frame speaks of the current statement.
func (o *order) seq(f Frame, seq int) error {
	if !o.begun || seq != o.exec.Statements[o.index].Seq {
		return o.wrong(f)
	}
	return nil
}

func (o *order) checkHello(f Frame) error {
	h, err := f.Hello()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	if o.hello || o.begun || o.index > 0 {
		return o.wrong(f)
	}
	if h.Protocol != Version {
		return fmt.Errorf("version %d: %w", h.Protocol, ErrVersion)
	}
	o.hello = true
	return nil
}

func (o *order) checkBegin(f Frame) error {
	b, err := f.Begin()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	if !o.hello || o.begun || o.index >= len(o.exec.Statements) || b.Seq != o.exec.Statements[o.index].Seq {
		return o.wrong(f)
	}
	o.begun, o.columns, o.rows, o.bytes, o.notices = true, -1, 0, 0, 0
	return nil
}

func (o *order) checkColumns(f Frame) error {
	c, err := f.Columns()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	if o.columns >= 0 {
		return o.wrong(f)
	}
	o.columns = len(c.Columns)
	return o.seq(f, c.Seq)
}

func (o *order) checkBatch(f Frame) error {
	rows, data, err := f.batch()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	if !o.begun || o.columns < 0 || rows == 0 {
		return o.wrong(f)
	}
	o.rows += int64(rows)
	if limit := o.exec.Limits.Rows; limit > 0 && o.rows > limit {
		return fmt.Errorf("%d rows where %d were allowed: %w", o.rows, limit, ErrProtocol)
	}
	return o.checkRows(rows, data)
}

// checkRows walks a batch cell by cell.
func (o *order) checkRows(rows int, data []byte) error {
	limits := o.exec.Limits
	for range rows {
		for range o.columns {
			cell, rest, err := result.NextCell(data)
			if err != nil {
				return fmt.Errorf("%w: %w", ErrProtocol, err)
			}
			if limits.Cell > 0 && len(cell) > limits.Cell {
				return fmt.Errorf("cell of %d bytes where %d were allowed: %w", len(cell), limits.Cell, ErrProtocol)
			}
			o.bytes += int64(len(cell))
			data = rest
		}
	}
	if len(data) > 0 {
		return fmt.Errorf("%d bytes after the last row of a batch: %w", len(data), ErrProtocol)
	}
	if limits.Bytes > 0 && o.bytes > limits.Bytes {
		return fmt.Errorf("%d bytes where %d were allowed: %w", o.bytes, limits.Bytes, ErrProtocol)
	}
	return nil
}

func (o *order) checkNotice(f Frame) error {
	n, err := f.Notice()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	if o.notices++; o.notices > MaxNotices {
		return fmt.Errorf("more than %d notices: %w", MaxNotices, ErrProtocol)
	}
	return o.seq(f, n.Seq)
}

func (o *order) checkEnd(f Frame) error {
	e, err := f.End()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	if err := o.seq(f, e.Seq); err != nil {
		return err
	}
	if e.Rows != o.rows {
		return fmt.Errorf("end counts %d rows, %d came: %w", e.Rows, o.rows, ErrProtocol)
	}
	o.begun = false
	o.index++
	return nil
}

func (o *order) checkDone(f Frame) error {
	d, err := f.Done()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	switch {
	case o.begun:
		return o.wrong(f)
	case d.Status == domain.RunSuccess && o.index < len(o.exec.Statements):
		return fmt.Errorf("success after %d of %d statements: %w", o.index, len(o.exec.Statements), ErrProtocol)
	case d.Status != domain.RunSuccess && d.Status != domain.RunError && d.Status != domain.RunCancelled:
		return fmt.Errorf("status %q: %w", d.Status, ErrProtocol)
	}
	o.done = true
	return nil
}
