package worker

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"dribble/domain"
)

// Errors of a Client. Those that mean "this worker is of no more use" match
// ErrLost too; whatever was asked of it may or may not have happened.
var (
	// ErrLost reports a worker that died, hung up or broke the protocol.
	ErrLost = errors.New("worker: lost")
	// ErrProtocol reports a worker that answered against the protocol.
	ErrProtocol = fmt.Errorf("protocol error: %w", ErrLost)
	// ErrVersion reports a worker of another protocol version.
	ErrVersion = fmt.Errorf("other protocol version: %w", ErrLost)
	// ErrUnconfigured reports a worker that has restarted and has no
	// configuration; the call had no effect.
	ErrUnconfigured = fmt.Errorf("worker has no configuration: %w", ErrLost)
	// ErrStopping reports a worker that is on its way out; the call had no
	// effect.
	ErrStopping = fmt.Errorf("worker is stopping: %w", ErrLost)
	// ErrUnauthorized reports a wrong token.
	ErrUnauthorized = errors.New("worker: wrong token")
	// ErrConfigured reports a second configuration.
	ErrConfigured = errors.New("worker: configured already")
	// ErrNoRun reports a cancel for a run that is not (or no longer) there.
	ErrNoRun = errors.New("worker: no such run")
)

// InvalidError reports a call that cannot work however often it is made, such as
// a configuration whose fields the engine does not accept.
type InvalidError struct {
	Message string // the engine's words, fit for people
	Field   string // the connection field at fault, "" if unknown
}

// Error gives the message.
func (e *InvalidError) Error() string { return e.Message }

// FailureCode says why a worker refused a call.
type FailureCode string

// The codes of a Failure.
const (
	FailUnauthorized FailureCode = "unauthorized"
	FailUnconfigured FailureCode = "unconfigured"
	FailConfigured   FailureCode = "configured"
	FailStopping     FailureCode = "stopping"
	FailNoRun        FailureCode = "no_run"
	FailInvalid      FailureCode = "invalid"
	FailDatabase     FailureCode = "database" // SQL is set
)

// Failure is the JSON body of every answer of a worker that is not 2xx.
type Failure struct {
	Code    FailureCode      `json:"code"`
	Message string           `json:"message,omitempty"`
	Field   string           `json:"field,omitempty"` // with FailInvalid
	SQL     *domain.SQLError `json:"sql,omitempty"`
}

// Status is the HTTP status that goes with the failure.
func (f Failure) Status() int {
	switch f.Code {
	case FailUnauthorized:
		return http.StatusUnauthorized
	case FailUnconfigured, FailStopping:
		return http.StatusServiceUnavailable
	case FailConfigured:
		return http.StatusConflict
	case FailNoRun:
		return http.StatusNotFound
	case FailDatabase:
		return http.StatusUnprocessableEntity
	}
	return http.StatusBadRequest
}

// maxFailure bounds the body of a refusal, in bytes.
const maxFailure = 1 << 20

// refusal turns an answer that is not 2xx into an error.
func refusal(res *http.Response) error {
	var f Failure
	if err := json.NewDecoder(io.LimitReader(res.Body, maxFailure)).Decode(&f); err != nil {
		return fmt.Errorf("status %d: %w", res.StatusCode, ErrProtocol)
	}
	switch f.Code {
	case FailUnauthorized:
		return ErrUnauthorized
	case FailUnconfigured:
		return ErrUnconfigured
	case FailStopping:
		return ErrStopping
	case FailConfigured:
		return ErrConfigured
	case FailNoRun:
		return ErrNoRun
	case FailDatabase:
		if f.SQL != nil {
			return f.SQL
		}
	case FailInvalid:
		return &InvalidError{Message: f.Message, Field: f.Field}
	}
	return fmt.Errorf("status %d, code %q: %w", res.StatusCode, f.Code, ErrProtocol)
}
