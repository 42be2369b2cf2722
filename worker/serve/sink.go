package serve

import (
	"context"
	"fmt"
	"math"
	"strings"

	"dribble/domain"
	"dribble/engine"
	"dribble/result"
	"dribble/worker"
)

// Bounds of what one statement may send.
const (
	maxNotice = 8 << 10                // bytes of one notice's text
	maxRow    = worker.MaxFrame - 1024 // bytes of one row as it travels
)

// sink takes one statement's result from the engine, holds it to the limits and
// passes it on.
type sink struct {
	ctx       context.Context // of the run: a sink lives no longer
	out       *sender
	statement worker.Statement
	limits    worker.Limits
	rows      int64
	bytes     int64
	notices   int
	truncated domain.Truncation
}

var _ engine.Sink = (*sink)(nil)

// Columns passes the columns on.
func (s *sink) Columns(cols []result.Column) error {
	return s.out.json(worker.FrameColumns, worker.Columns{Seq: s.statement.Seq, Columns: cols})
}

// Row passes a row on. It waits while the server does not keep up, but not
// beyond the end of the run.
func (s *sink) Row(cells [][]byte) error {
	if s.truncated != domain.TruncatedNone {
		return nil
	}
	if s.limits.Rows > 0 && s.rows >= s.limits.Rows {
		return s.enough(domain.TruncatedRows)
	}
	size, longest := 0, 0
	for _, cell := range cells {
		size += len(cell)
		longest = max(longest, len(cell))
	}
	if s.limits.Cell > 0 && longest > s.limits.Cell {
		return tooLong("A cell", longest, s.limits.Cell)
	}
	if size+len(cells)*4 > maxRow {
		return tooLong("A row", size, maxRow)
	}
	if s.limits.Bytes > 0 && s.bytes+int64(size) > s.limits.Bytes {
		return s.enough(domain.TruncatedBytes)
	}
	if err := s.out.row(s.ctx, cells); err != nil {
		return err
	}
	s.rows++
	s.bytes += int64(size)
	return nil
}

// enough ends the result at a limit. A statement that writes must run to its end.
func (s *sink) enough(t domain.Truncation) error {
	s.truncated = t
	if s.statement.Writes {
		return nil
	}
	return engine.ErrStop
}

// isDone reports whether a limit has ended the statement.
func (s *sink) isDone() bool {
	return s.truncated != domain.TruncatedNone && !s.statement.Writes
}

// Notice passes on a message of the database, the first ones only.
func (s *sink) Notice(text string) {
	s.notices++
	if s.notices > worker.MaxNotices {
		return
	}
	if s.notices == worker.MaxNotices {
		text = fmt.Sprintf("Only the first %d messages are kept.", worker.MaxNotices-1)
	}
	if len(text) > maxNotice {
		text = text[:maxNotice] + "…"
	}
	_ = s.out.json(worker.FrameNotice, worker.Notice{
		Seq: s.statement.Seq, Text: strings.ToValidUTF8(text, "\uFFFD"),
	})
}

func tooLong(what string, size, limit int) *domain.SQLError {
	return &domain.SQLError{Message: fmt.Sprintf("%s of %s is longer than %s, the limit for this source. "+
		"Select a part of it, for example with substr().", what, sizeText(size), sizeText(limit))}
}

// sizeText writes a number of bytes as people do: "512 bytes", "1.5 MB".
func sizeText(n int) string {
	switch {
	case n < 10_000:
		return fmt.Sprintf("%d bytes", n)
	case n < 1_000_000:
		return fmt.Sprintf("%d kB", n/1000)
	}
	return fmt.Sprintf("%g MB", math.Round(float64(n)/1e5)/10)
}
