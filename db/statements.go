package db

import (
	"context"
	"database/sql"

	"dribble/domain"
	"dribble/result"
)

func statements(ctx context.Context, q querier, runID string) ([]domain.RunStatement, error) {
	rows, err := q.QueryContext(ctx, `
		SELECT seq, sql_text, start_offset, status, has_rows, row_count, affected, truncated, bytes, execution_time_ms,
			error, notices, result_key
		FROM run_statements WHERE run_id = $1 ORDER BY seq`, runID)
	list, err := collect(rows, err, func(row scanner) (domain.RunStatement, error) {
		var st domain.RunStatement
		err := row.Scan(&st.Seq, &st.SQL, &st.Start, &st.Status, &st.HasRows, &st.RowCount, &st.Affected, &st.Truncated, &st.Bytes,
			millisIn{&st.Elapsed}, jsonIn{&st.Error}, jsonIn{&st.Notices}, textIn{&st.ResultKey})
		return st, err
	})
	return list, fail("read statements", err)
}

func replaceStatements(ctx context.Context, tx *sql.Tx, run domain.Run) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM run_statements WHERE run_id = $1", run.ID); err != nil {
		return fail("replace statements", err)
	}
	for _, st := range run.Statements {
		if err := insertStatement(ctx, tx, run.ID, st); err != nil {
			return err
		}
	}
	return nil
}

func insertStatement(ctx context.Context, tx *sql.Tx, runID string, st domain.RunStatement) error {
	var failure sql.NullString
	if st.Error != nil {
		text, err := toJSON(st.Error)
		if err != nil {
			return err
		}
		failure = nullText(text)
	}
	notices, err := toJSON(st.Notices)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO run_statements (run_id, seq, sql_text, start_offset, status, has_rows, row_count, affected, truncated,
			bytes, execution_time_ms, error, notices, result_key)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		runID, st.Seq, storable(st.SQL), st.Start, st.Status, st.HasRows, st.RowCount, st.Affected, st.Truncated,
		st.Bytes, millis(st.Elapsed), failure, notices, nullText(st.ResultKey))
	return fail("store statement", err)
}

// SaveColumns keeps the columns of a finished run's statement, so that history can
// show them after the rows have expired. It is domain.NotFound before FinishRun
// stored the statement.
func (s *Store) SaveColumns(ctx context.Context, runID string, seq int, columns []result.Column) error {
	text, err := toJSON(columns)
	if err != nil {
		return err
	}
	r, err := s.write.ExecContext(ctx, "UPDATE run_statements SET columns = $3 WHERE run_id = $1 AND seq = $2", runID, seq, text)
	return touched("save columns", "statement", r, err)
}

// Columns returns the kept columns of a statement, none if none were kept, or
// domain.NotFound.
func (s *Store) Columns(ctx context.Context, p domain.Principal, runID string, seq int) ([]result.Column, error) {
	var columns []result.Column
	err := s.read.QueryRowContext(ctx, `
		SELECT st.columns FROM run_statements st JOIN query_runs r ON r.id = st.run_id
		WHERE r.workspace_id = $1 AND st.run_id = $2 AND st.seq = $3`, p.WorkspaceID, runID, seq).Scan(jsonIn{&columns})
	return columns, missing("read columns", "statement", err)
}

// ExpireResults forgets the keys of results that are no longer stored.
func (s *Store) ExpireResults(ctx context.Context, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	return s.inTx(ctx, func(tx *sql.Tx) error {
		update, err := tx.PrepareContext(ctx, "UPDATE run_statements SET result_key = NULL WHERE result_key = $1")
		if err != nil {
			return fail("expire results", err)
		}
		defer func() { _ = update.Close() }()
		for _, key := range keys {
			if _, err := update.ExecContext(ctx, key); err != nil {
				return fail("expire results", err)
			}
		}
		return nil
	})
}
