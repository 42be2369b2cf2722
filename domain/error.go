// Package domain holds the nouns every part of Dribble shares and the one
// error type with a public face. It imports only the standard library and
// knows nothing of HTTP, SQL or any database.
package domain

import (
	"errors"
	"fmt"
)

// Code says what kind of failure an Error is. The HTTP layer maps each code to
// one status; nothing else does.
type Code string

// The codes, named as in the HTTP API.
const (
	Invalid         Code = "invalid"
	Unauthenticated Code = "unauthenticated"
	Forbidden       Code = "forbidden"
	NotFound        Code = "not_found"
	Conflict        Code = "conflict"
	TooLarge        Code = "too_large"
	RateLimited     Code = "rate_limited"
	Unavailable     Code = "unavailable"
	Internal        Code = "internal"
)

// Error is the one error that may be shown to people. Message and Hint are
// public and complete sentences; Op and Err are for the log alone.
type Error struct {
	Code    Code
	Op      string // what was being done, for the log: "db.CreateSource"
	Message string // public: what happened and where
	Hint    string // public, optional: what to do
	Field   string // optional: the form or JSON field at fault
	Offset  int    // byte offset in the submitted SQL; meaningful if HasOffset
	Err     error  // the cause; logged, never shown

	HasOffset bool
}

// Error gives the full text for logs, cause included.
func (e *Error) Error() string {
	s := e.Message
	if e.Op != "" {
		s = e.Op + ": " + s
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error with a public message.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// FieldError makes an Invalid error bound to one form or JSON field.
func FieldError(field, format string, args ...any) *Error {
	return &Error{Code: Invalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

// CodeOf returns the code of the first *Error in err's chain, Internal for any
// other error, and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}

// SQLError is a statement's own failure as its database told it. It is data,
// not a fault of Dribble: shown verbatim, stored with the run, sent over the
// wire between worker and server.
type SQLError struct {
	Code     string `json:"code,omitempty"`     // SQLSTATE, MySQL error number or SQLite result code
	Message  string `json:"message"`            // the database's own words
	Detail   string `json:"detail,omitempty"`   // PostgreSQL DETAIL
	Hint     string `json:"hint,omitempty"`     // PostgreSQL HINT
	Severity string `json:"severity,omitempty"` // ERROR, FATAL, …
	Position *int   `json:"position,omitempty"` // byte offset in the statement text; nil if the database gave none
}

// Error gives the database's message with its code.
func (e *SQLError) Error() string {
	if e.Code == "" {
		return e.Message
	}
	return e.Code + ": " + e.Message
}

// Codes of SQLErrors that Dribble itself makes.
const (
	CodeTimeout    = "timeout"     // the source's time limit ended the statement
	CodeCancelled  = "cancelled"   // somebody cancelled the run
	CodeWorkerLost = "worker_lost" // the worker died and the run could not be sent again
	CodeReadOnly   = "read_only"   // refused: the source is read-only
	CodeConnection = "connection"  // the database could not be reached or closed the connection
)
