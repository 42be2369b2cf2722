package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"dribble/domain"
	"dribble/engine"
	"dribble/result"
)

// codeCellTooLong is the SQLSTATE class of exceeded program limits.
const codeCellTooLong = "54000"

// stream passes a result on to a sink.
type stream struct {
	db      *database
	sink    engine.Sink
	maxCell int
	columns []result.Column
}

// copy reads rows until they end or the sink has enough. Its error is the sink's
// or a cell's; the statement's own error is left to rows.Close.
func (s *stream) copy(ctx context.Context, rows *pgconn.ResultReader) error {
	announced := false
	if fields := rows.FieldDescriptions(); fields != nil {
		if err := s.announce(ctx, fields); err != nil {
			return err
		}
		announced = true
	}
	for rows.NextRow() {
		if !announced { // rows of no columns
			if err := s.announce(ctx, nil); err != nil {
				return err
			}
			announced = true
		}
		cells := rows.Values()
		if s.maxCell > 0 {
			if err := s.checkCells(cells); err != nil {
				return err
			}
		}
		if err := s.sink.Row(cells); err != nil {
			return err
		}
	}
	return nil
}

func (s *stream) announce(ctx context.Context, fields []pgconn.FieldDescription) error {
	s.columns = s.db.columns(ctx, fields)
	return s.sink.Columns(s.columns)
}

func (s *stream) checkCells(cells [][]byte) error {
	for i, cell := range cells {
		if len(cell) > s.maxCell {
			name := s.columns[i].Name
			return &domain.SQLError{
				Code: codeCellTooLong,
				Message: fmt.Sprintf("A value of column %q is %s long. At most %s of one value can be shown.",
					name, byteCount(len(cell)), byteCount(s.maxCell)),
				Hint: "Select a part of it, for example left(column, 1000).",
			}
		}
	}
	return nil
}
