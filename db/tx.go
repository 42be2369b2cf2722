package db

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"
)

// inTx runs f in one transaction, which is rolled back if f or ctx fails. On
// SQLite it holds the only writer: f must not call other methods of the Store
// that write.
func (s *Store) inTx(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := s.begin(ctx)
	if err != nil {
		return fail("begin transaction", err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after the commit
	if err := f(tx); err != nil {
		return err
	}
	return fail("commit", tx.Commit())
}

// begin tries again when the pool gave out connections that a restart of
// PostgreSQL had ended: nothing has been done yet, and each failed one leaves
// the pool.
func (s *Store) begin(ctx context.Context) (*sql.Tx, error) {
	tx, err := s.write.BeginTx(ctx, nil)
	for tries := 0; tries < postgresConns && isLost(err) && !isUnreachable(err); tries++ {
		tx, err = s.write.BeginTx(ctx, nil)
	}
	return tx, err
}

// querier is what a *sql.DB and a *sql.Tx have in common here.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// scanner is a row or the present one of several rows.
type scanner interface{ Scan(dest ...any) error }

// collect reads all rows through scan. The slice is never nil, so that it is an
// empty list in JSON too.
func collect[T any](rows *sql.Rows, err error, scan func(scanner) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Err tells what matters
	list := []T{}
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

// scanText reads rows of one text.
func scanText(row scanner) (string, error) {
	var text string
	err := row.Scan(&text)
	return text, err
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// now is the present to the microsecond, which is what both databases keep.
func now() time.Time { return stamp(time.Now()) }

func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// orNull stores the zero time as NULL.
func orNull(t time.Time) sql.NullTime { return sql.NullTime{Time: stamp(t), Valid: !t.IsZero()} }

// nullText stores "" as NULL, for references.
func nullText(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }

// timeIn scans a TIMESTAMP, NULL as the zero time, into UTC.
type timeIn struct{ t *time.Time }

// Scan implements sql.Scanner.
func (in timeIn) Scan(v any) error {
	var n sql.NullTime
	if err := n.Scan(v); err != nil {
		return err
	}
	*in.t = time.Time{}
	if n.Valid {
		*in.t = n.Time.UTC()
	}
	return nil
}

// textIn scans a text, NULL as "".
type textIn struct{ s *string }

// Scan implements sql.Scanner.
func (in textIn) Scan(v any) error {
	var n sql.NullString
	if err := n.Scan(v); err != nil {
		return err
	}
	*in.s = n.String
	return nil
}

// millis is a duration as a column execution_time_ms holds it, exact to the
// microsecond.
func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// millisIn scans such a column.
type millisIn struct{ d *time.Duration }

// Scan implements sql.Scanner.
func (in millisIn) Scan(v any) error {
	var n sql.NullFloat64
	if err := n.Scan(v); err != nil {
		return err
	}
	*in.d = time.Duration(n.Float64*1000+0.5) * time.Microsecond
	return nil
}

// lockRow runs an UPDATE that changes nothing but holds its row until the
// transaction ends: SQLite has no SELECT … FOR UPDATE. No row is domain.NotFound.
func lockRow(ctx context.Context, tx *sql.Tx, noun, update string, args ...any) error {
	r, err := tx.ExecContext(ctx, update, args...)
	return touched("lock "+noun, noun, r, err)
}
