package mysql

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"

	"dribble/domain"

	"github.com/go-sql-driver/mysql"
)

// Error numbers of the server that Dribble knows.
const (
	numTooManyConnections = 1040
	numNoDatabaseAccess   = 1044
	numAccessDenied       = 1045
	numUnknownDatabase    = 1049
	numUnknownColumn      = 1054
	numSyntax             = 1064
	numHostBlocked        = 1129
	numHostNotAllowed     = 1130
	numNoSuchTable        = 1146
	numTooManyOfUser      = 1203
	numUserLimit          = 1226
	numUnknownRoutine     = 1305
	numInterrupted        = 1317
	numAccessDeniedNoPass = 1698
	numAccountLocked      = 3118 // MySQL
	numAccountLockedToo   = 4151 // MariaDB
	numSecureTransport    = 3159 // require_secure_transport
)

// serverError is an error message of the server.
type serverError struct {
	number  uint16
	state   string // SQLSTATE
	message string
}

func (e *serverError) Error() string { return fmt.Sprintf("%d: %s", e.number, e.message) }

// parseError reads an error message.
func parseError(p []byte) error {
	const numberEnd, stateEnd = 3, 9
	if len(p) < numberEnd {
		return errMalformed
	}
	e := &serverError{number: binary.LittleEndian.Uint16(p[1:])}
	rest := p[numberEnd:]
	if len(p) >= stateEnd && rest[0] == '#' {
		e.state, rest = string(rest[1:stateEnd-numberEnd]), p[stateEnd:]
	}
	e.message = string(rest)
	return e
}

// asServerError finds what the server said in err, whoever read it.
func asServerError(err error) (*serverError, bool) {
	var own *serverError
	if errors.As(err, &own) {
		return own, true
	}
	var theirs *mysql.MySQLError
	if errors.As(err, &theirs) {
		return &serverError{number: theirs.Number, state: string(theirs.SQLState[:]), message: theirs.Message}, true
	}
	return nil, false
}

// greetingError reports something at the address that is no MySQL server.
type greetingError struct{ err error }

func (e *greetingError) Error() string { return "no greeting from the server: " + e.err.Error() }
func (e *greetingError) Unwrap() error { return e.err }

// tlsError reports a TLS handshake that failed.
type tlsError struct{ err error }

func (e *tlsError) Error() string { return "TLS handshake: " + e.err.Error() }
func (e *tlsError) Unwrap() error { return e.err }

// statementError turns the failure of a statement into the error people see.
func (s settings) statementError(err error, sent, text string) *domain.SQLError {
	said, ok := asServerError(err)
	if !ok {
		return &domain.SQLError{Code: domain.CodeConnection, Message: "The connection to " + s.addr +
			" was lost while the statement ran. It may or may not have taken effect; run it again if it only reads."}
	}
	return &domain.SQLError{
		Code: strconv.Itoa(int(said.number)), Message: said.message, Severity: "ERROR",
		Position: position(said, sent, text),
	}
}
