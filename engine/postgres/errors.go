package postgres

import (
	"context"
	"errors"
	"net"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"

	"dribble/domain"
)

// Codes of the server that are treated apart.
const (
	codeReadOnlyTransaction = "25006"
	codeQueryCancelled      = "57014"
	codeWrongPassword       = "28P01"
	codeNotAllowed          = "28000"
	codeNoDatabase          = "3D000"
	codeNoPrivilege         = "42501"
	codeTooManyConnections  = "53300"
	codeStartingUp          = "57P03"
)

// dialError is a failure to open a network connection.
type dialError struct{ err error }

func (e *dialError) Error() string { return e.err.Error() }
func (e *dialError) Unwrap() error { return e.err }

// statementError turns a failed statement's error into data for its author.
func (s settings) statementError(err error, text string) *domain.SQLError {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return s.lostError(err)
	}
	if lostBy(e) {
		return &domain.SQLError{
			Code: domain.CodeConnection, Severity: e.Severity, Hint: e.Hint, Detail: e.Code + ": " + e.Message,
			Message: "The database closed the connection while the statement ran.",
		}
	}
	out := &domain.SQLError{
		Code: e.Code, Message: e.Message, Detail: e.Detail, Hint: e.Hint, Severity: e.Severity,
		Position: bytePosition(text, int(e.Position)),
	}
	if out.Detail == "" && e.Where != "" {
		out.Detail = e.Where
	}
	if s.readOnly && e.Code == codeReadOnlyTransaction {
		out.Code = domain.CodeReadOnly
		out.Hint = "This source is read-only. Ask whoever manages it if you need to write."
	}
	return out
}

// lostBy reports an error after which the server has ended the session.
func lostBy(e *pgconn.PgError) bool {
	return e.SeverityUnlocalized == "FATAL" || e.SeverityUnlocalized == "PANIC" ||
		e.SeverityUnlocalized == "" && (e.Severity == "FATAL" || e.Severity == "PANIC")
}

func (s settings) lostError(err error) *domain.SQLError {
	return &domain.SQLError{
		Code: domain.CodeConnection, Detail: plainCause(err),
		Message: "The connection to " + s.where() + " was lost while the statement ran.",
	}
}

// connectError turns a failed sign-in into data for the run's author.
func (s settings) connectError(err error) *domain.SQLError {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return &domain.SQLError{
			Code: e.Code, Message: e.Message, Detail: e.Detail, Hint: e.Hint, Severity: e.Severity,
		}
	}
	return &domain.SQLError{
		Code:    domain.CodeConnection,
		Message: "Could not reach " + s.where() + ". " + reachSentence(err),
	}
}

// reachSentence says why the server could not be reached.
func reachSentence(err error) string {
	var dns *net.DNSError
	var dial *dialError
	var timeout net.Error
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "No host has that name."
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "The host did not answer in 5 s."
	case errors.Is(err, syscall.ECONNREFUSED):
		return "The host refused the connection: nothing listens on that port."
	case errors.Is(err, syscall.ENOENT):
		return "There is no socket in that folder for that port."
	case errors.As(err, &dial):
		return "The network says: " + plainCause(dial.err) + "."
	case isTLS(err):
		return "TLS could not be agreed: " + plainCause(err) + "."
	default:
		return "The connection was closed during the sign-in."
	}
}

// plainCause is the innermost error's text, which names neither user nor fields.
func plainCause(err error) string {
	for {
		inner := errors.Unwrap(err)
		if joined, ok := err.(interface{ Unwrap() []error }); ok && len(joined.Unwrap()) > 0 {
			inner = joined.Unwrap()[0]
		}
		if inner == nil {
			return strings.TrimSuffix(err.Error(), ".")
		}
		err = inner
	}
}

// bytePosition converts the server's position, counting characters from 1, to a
// byte offset in text; nil if the server gave none.
func bytePosition(text string, position int) *int {
	if position < 1 {
		return nil
	}
	offset := 0
	for range position - 1 {
		if offset >= len(text) {
			break
		}
		_, size := utf8.DecodeRuneInString(text[offset:])
		offset += size
	}
	return &offset
}
