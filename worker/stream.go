package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// errNoAnswer ends a call whose answer did not begin in time.
var errNoAnswer = errors.New("worker did not answer in time")

// lateTimeout bounds the wait for a stream's end after its done frame.
const lateTimeout = time.Second

// Stream is the answer to an Exec. Its methods but Close belong to one goroutine.
type Stream struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	body   io.ReadCloser
	frames *FrameReader
	order  *order
	err    error // what every further Next returns
}

// Exec starts a run and returns its stream, which the caller must Close. When
// ctx ends, or on Close, the worker stops the run; to stop it and still get its
// end, use Cancel. ErrLost means that the run may or may not have begun; it
// has not for ErrUnconfigured and ErrStopping.
func (c *Client) Exec(ctx context.Context, exec Exec) (*Stream, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	res, err := c.open(ctx, cancel, PathExec, exec)
	if err != nil {
		cancel(nil)
		return nil, err
	}
	return &Stream{
		ctx: ctx, cancel: cancel, body: res.Body,
		frames: NewFrameReader(res.Body), order: newOrder(exec),
	}, nil
}

// open starts a call that is answered by a stream of unknown length. Only the
// beginning of the answer is bounded in time.
func (c *Client) open(ctx context.Context, cancel context.CancelCauseFunc, path string, body any) (*http.Response, error) {
	alarm := time.AfterFunc(callTimeout, func() { cancel(errNoAnswer) })
	defer alarm.Stop()
	return c.send(ctx, http.MethodPost, path, body)
}

// Next returns the next frame, checked against the protocol and the limits of
// the Exec; its payload is valid until the call after. The error is io.EOF only
// after the done frame. Any other error matches ErrLost (the worker died,
// or ErrProtocol), except that of the caller's own ended context.
func (s *Stream) Next() (Frame, error) {
	if s.err != nil {
		return Frame{}, s.err
	}
	f, err := s.next()
	if err != nil {
		s.err = err
		s.Close()
	}
	return f, err
}

func (s *Stream) next() (Frame, error) {
	if s.order.done {
		alarm := time.AfterFunc(lateTimeout, func() { s.cancel(nil) })
		defer alarm.Stop()
	}
	f, err := s.frames.Next()
	switch {
	case err == nil:
	case s.order.done && !errors.Is(err, ErrFrame):
		return Frame{}, io.EOF
	case errors.Is(err, ErrFrame):
		return Frame{}, fmt.Errorf("read stream: %w: %w", ErrProtocol, err)
	default:
		return Frame{}, gone(s.ctx, "read stream", err)
	}
	if err := s.order.check(f); err != nil {
		return Frame{}, fmt.Errorf("read stream: %w", err)
	}
	return f, nil
}

// Close ends the stream. If the run is still going the worker stops it. Close
// may be called more than once, and while another goroutine waits in Next.
func (s *Stream) Close() {
	s.cancel(context.Canceled)
	_ = s.body.Close()
}
