package worker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"dribble/domain"
	"dribble/engine"
	"dribble/result"
)

// answering makes a client of a worker that answers every call alike.
func answering(t *testing.T, answer http.HandlerFunc) *Client {
	t.Helper()
	web := httptest.NewServer(answer)
	c := NewClient("tcp", web.Listener.Addr().String(), "token")
	t.Cleanup(func() {
		c.Close()
		web.Close()
	})
	return c
}

// drain reads a stream to its end and returns why it ended.
func drain(s *Stream) (frames int, err error) {
	defer s.Close()
	for {
		if _, err = s.Next(); err != nil {
			return frames, err
		}
		frames++
	}
}

var twoStatements = Exec{
	RunID:      "r",
	Statements: []Statement{{Seq: 0, Text: "a"}, {Seq: 1, Text: "b"}},
	Limits:     Limits{Rows: 3, Bytes: 100, Cell: 60},
}

// The frames of an honest worker, to be twisted.
func hello(fw *FrameWriter) error { return fw.JSON(FrameHello, Hello{Protocol: Version}) }

func begin(seq int) func(*FrameWriter) error {
	return func(fw *FrameWriter) error { return fw.JSON(FrameBegin, Begin{Seq: seq}) }
}

func columns(seq, n int) func(*FrameWriter) error {
	return func(fw *FrameWriter) error {
		return fw.JSON(FrameColumns, Columns{Seq: seq, Columns: make([]result.Column, n)})
	}
}

func batch(rows int, cells ...string) func(*FrameWriter) error {
	return func(fw *FrameWriter) error {
		var data []byte
		for _, c := range cells {
			data = result.AppendCell(data, []byte(c))
		}
		return fw.Batch(rows, data)
	}
}

func end(seq int, rows int64) func(*FrameWriter) error {
	return func(fw *FrameWriter) error { return fw.JSON(FrameEnd, End{Seq: seq, Rows: rows}) }
}

func done(status domain.RunStatus) func(*FrameWriter) error {
	return func(fw *FrameWriter) error { return fw.JSON(FrameDone, Done{Status: status}) }
}

func raw(b string) func(*FrameWriter) error {
	return func(fw *FrameWriter) error { _, err := fw.w.WriteString(b); return err }
}

type script []func(*FrameWriter) error

func (s script) bytes(t *testing.T) []byte {
	return written(t, func(fw *FrameWriter) error {
		for _, f := range s {
			if err := f(fw); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestStreamOfAnHonestWorker(t *testing.T) {
	t.Parallel()
	wire := script{
		hello, begin(0), columns(0, 2), batch(2, "a", "b", "c", "d"), batch(1, "e", "f"), end(0, 3),
		begin(1), end(1, 0), done(domain.RunSuccess),
	}.bytes(t)
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Authorization"); got != "Bearer token" {
			t.Errorf("got Authorization %q", got)
		}
		_, _ = w.Write(wire)
	})
	s, err := c.Exec(t.Context(), twoStatements)
	if err != nil {
		t.Fatal(err)
	}
	if frames, err := drain(s); !errors.Is(err, io.EOF) || frames != 9 {
		t.Errorf("got %d frames, %v, want 9, io.EOF", frames, err)
	}
}

// Hostile workers (suite B12): whatever one answers, the server gets an error that
// matches ErrLost, never a panic, a hang or rows beyond the limits.
func TestHostileWorker(t *testing.T) {
	t.Parallel()
	const planned = 37
	started := script{hello, begin(0), columns(0, 1)}
	with := func(frames ...func(*FrameWriter) error) script {
		return append(append(script{}, started...), frames...)
	}
	tests := []struct {
		name   string
		script script
	}{
		{"nothing", script{}},
		{"garbage", script{raw("HTTP/1.1 200 OK\r\n")}},
		{"unknown frame", with(raw("?\x00"))},
		{"frame over the bound", with(raw("b\xff\xff\xff\x7f"))},
		{"length without end", with(raw("b\xff\xff\xff\xff\xff\xff"))},
		{"cut inside a frame", with(raw("b\x10abc"))},
		{"cut between frames", with(batch(1, "a"))},
		{"cut before done", script{hello, begin(0), end(0, 0), begin(1), end(1, 0)}},
		{"hello of another version", script{raw("h\x0e{\"protocol\":9}"), done(domain.RunError)}},
		{"hello twice", script{hello, hello}},
		{"hello that is no JSON", script{raw("h\x03abc")}},
		{"begin before hello", script{begin(0)}},
		{"begin of a strange statement", script{hello, begin(7)}},
		{"begin twice", script{hello, begin(0), begin(0)}},
		{"statements out of order", script{hello, begin(1)}},
		{"columns outside a statement", script{hello, columns(0, 1)}},
		{"columns twice", with(columns(0, 1))},
		{"columns of wrong types", script{hello, begin(0), raw("c\x0f{\"columns\":\"no\"}")}},
		{"batch before columns", script{hello, begin(0), batch(1, "a")}},
		{"batch without a count", with(raw("b\x00"))},
		{"batch of no rows", with(batch(0))},
		{"batch with fewer cells than rows", with(batch(3, "a", "b"))},
		{"batch with extra cells", with(batch(1, "a", "b"))},
		{"batch with a false cell length", with(raw("b\x03\x01\x50a"))},
		{"batch that claims 2^63 rows", with(raw("b\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))},
		{"rows over the limit", with(batch(4, "a", "b", "c", "d"))},
		{"rows over the limit in two batches", with(batch(2, "a", "b"), batch(2, "c", "d"))},
		{"cell over the limit", with(batch(1, string(bytes.Repeat([]byte("x"), 61))))},
		{"bytes over the limit", with(batch(2, string(make([]byte, 60)), string(make([]byte, 60))))},
		{"end with a false count", with(batch(1, "a"), end(0, 2))},
		{"end of another statement", with(end(1, 0))},
		{"success halfway", script{hello, begin(0), end(0, 0), done(domain.RunSuccess)}},
		{"done inside a statement", with(done(domain.RunError))},
		{"done with a strange status", script{hello, done("fine")}},
		{"notices without end", with(noticeFlood)},
		{"a check frame", script{hello, raw("s\x02{}")}},
		{"frame after done", script{hello, done(domain.RunError), begin(0)}},
		{"garbage after done", script{hello, done(domain.RunError), raw("????")}},
	}
	handled := make(chan bool, len(tests))
	t.Run("cases", func(t *testing.T) {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				wire := tt.script.bytes(t)
				c := answering(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(wire) })
				s, err := c.Exec(t.Context(), twoStatements)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := drain(s); !errors.Is(err, ErrLost) {
					t.Errorf("got %v, want ErrLost", err)
					return
				}
				handled <- true
			})
		}
	})
	t.Logf("bad inputs handled: %d of %d", len(handled), len(tests))
	if len(handled) != len(tests) || len(tests) < planned {
		t.Errorf("handled %d of %d, planned at least %d", len(handled), len(tests), planned)
	}
}

func noticeFlood(fw *FrameWriter) error {
	for range MaxNotices + 1 {
		if err := fw.JSON(FrameNotice, Notice{Text: "n"}); err != nil {
			return err
		}
	}
	return nil
}

func TestStreamOfAWorkerThatHangsUp(t *testing.T) {
	t.Parallel()
	wire := script{hello, begin(0), columns(0, 1), batch(1, "a")}.bytes(t)
	c := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(wire)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	s, err := c.Exec(t.Context(), twoStatements)
	if err != nil {
		t.Fatal(err)
	}
	if frames, err := drain(s); !errors.Is(err, ErrLost) || frames != 4 {
		t.Errorf("got %d frames, %v, want 4, ErrLost", frames, err)
	}
}

func TestStreamEndsWithItsContext(t *testing.T) {
	t.Parallel()
	why := errors.New("the person left")
	left := make(chan struct{})
	wire := script{hello}.bytes(t)
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = w.Write(wire)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		close(left)
	})
	ctx, cancel := context.WithCancelCause(t.Context())
	s, err := c.Exec(ctx, twoStatements)
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(20*time.Millisecond, func() { cancel(why) })
	if _, err := drain(s); !errors.Is(err, why) || errors.Is(err, ErrLost) {
		t.Errorf("got %v, want the context's own cause", err)
	}
	<-left
}

func TestClientTellsRefusalsApart(t *testing.T) {
	t.Parallel()
	sqlErr := &domain.SQLError{Code: "42P01", Message: "no such table"}
	tests := []struct {
		failure Failure
		want    error
	}{
		{Failure{Code: FailUnauthorized}, ErrUnauthorized},
		{Failure{Code: FailUnconfigured}, ErrUnconfigured},
		{Failure{Code: FailUnconfigured}, ErrLost},
		{Failure{Code: FailConfigured}, ErrConfigured},
		{Failure{Code: FailStopping}, ErrStopping},
		{Failure{Code: FailNoRun}, ErrNoRun},
		{Failure{Code: FailDatabase}, ErrProtocol}, // without its SQL error
		{Failure{Code: "strange"}, ErrProtocol},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.failure.Code, " is ", tt.want), func(t *testing.T) {
			t.Parallel()
			c := answering(t, refusing(tt.failure))
			if err := c.Configure(t.Context(), Configuration{}); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
	c := answering(t, refusing(Failure{Code: FailDatabase, SQL: sqlErr}))
	var got *domain.SQLError
	if _, err := c.Schema(t.Context(), engine.SchemaRequest{}); !errors.As(err, &got) || *got != *sqlErr {
		t.Errorf("got %v, want %v", err, sqlErr)
	}
	c = answering(t, refusing(Failure{Code: FailInvalid, Message: "Port is wrong."}))
	var invalid *InvalidError
	if err := c.Configure(t.Context(), Configuration{}); !errors.As(err, &invalid) || invalid.Message != "Port is wrong." {
		t.Errorf("got %v, want the engine's words", err)
	}
}

func refusing(f Failure) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(f.Status())
		_ = json.NewEncoder(w).Encode(f)
	}
}

func TestClientOfNobody(t *testing.T) {
	t.Parallel()
	c := NewClient("unix", t.TempDir()+"/none.sock", "token")
	if _, err := c.Health(t.Context()); !errors.Is(err, ErrLost) {
		t.Errorf("health: got %v, want ErrLost", err)
	}
	if _, err := c.Exec(t.Context(), twoStatements); !errors.Is(err, ErrLost) {
		t.Errorf("exec: got %v, want ErrLost", err)
	}
}

func TestCheckOfAHostileWorker(t *testing.T) {
	t.Parallel()
	steps := func(fw *FrameWriter) error {
		for range maxSteps + 1 {
			if err := fw.JSON(FrameStep, engine.CheckStep{}); err != nil {
				return err
			}
		}
		return nil
	}
	for name, s := range map[string]script{
		"nothing": {}, "steps without end": {steps}, "a run's frame": {hello}, "cut": {raw("i\x05{")},
		"info that is no JSON": {raw("i\x01x")}, "unknown frame": {raw("?")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wire := s.bytes(t)
			c := answering(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(wire) })
			if _, err := c.Check(t.Context(), func(engine.CheckStep) {}); !errors.Is(err, ErrLost) {
				t.Errorf("got %v, want ErrLost", err)
			}
		})
	}
}

// A worker that takes calls and never answers must not hold the server for ever.
func TestWorkerThatNeverAnswers(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	c := NewClient("tcp", listener.Addr().String(), "token")
	defer c.Close()
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(20*time.Millisecond, func() { cancel(errNoAnswer) }) // as the client's own alarm does
	if _, err := c.Exec(ctx, twoStatements); !errors.Is(err, ErrLost) {
		t.Errorf("got %v, want ErrLost", err)
	}
}
