package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"dribble/domain"
)

// fail wraps an unexpected failure of the database with what was being done. A
// *domain.Error passes as it is; a lost or unreachable database becomes
// domain.Unavailable. nil stays nil.
func fail(doing string, err error) error {
	var public *domain.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &public):
		return err
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%s: %w", doing, err)
	case isLost(err):
		return &domain.Error{
			Code: domain.Unavailable, Op: doing, Err: err,
			Message: "The metadata database cannot be reached.",
			Hint:    "Check that it runs and that its address is right, then try again.",
		}
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// isLost reports that the database could not be reached or has ended the session.
func isLost(err error) bool {
	var network net.Error
	var told *pgconn.PgError
	switch {
	case isUnreachable(err):
		return true
	case errors.As(err, &told):
		// 57P01 to 57P03: shut down, crashed, starting. Class 08: connection.
		return told.Code == "57P01" || told.Code == "57P02" || told.Code == "57P03" || strings.HasPrefix(told.Code, "08")
	case errors.Is(err, context.DeadlineExceeded):
		return false // it is a net.Error too
	}
	return errors.As(err, &network) || errors.Is(err, driver.ErrBadConn)
}

// isUnreachable reports that no new connection could be made.
func isUnreachable(err error) bool {
	var dial *pgconn.ConnectError
	return errors.As(err, &dial)
}

// missing words sql.ErrNoRows as domain.NotFound of the noun; other errors go
// through fail.
func missing(doing, noun string, err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return &domain.Error{
			Code: domain.NotFound, Op: doing,
			Message: "This " + noun + " does not exist, or it has been deleted.",
		}
	}
	return fail(doing, err)
}

// touched is missing for a statement that should have met exactly one row.
func touched(doing, noun string, r sql.Result, err error) error {
	if err != nil {
		return fail(doing, err)
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return missing(doing, noun, errors.Join(err, sql.ErrNoRows))
	}
	return nil
}
