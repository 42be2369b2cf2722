package postgres_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"dribble/domain"
	"dribble/engine"
	"dribble/internal/testenv"
)

// TestUnknownParameters: a server before 14, or a pooler, refuses the sign-in
// with a parameter it does not know; the engine then signs in without it.
func TestUnknownParameters(t *testing.T) {
	t.Parallel()
	server := testenv.Postgres(t)
	var refused atomic.Int32
	fields := fakeServer(t, func(client net.Conn) {
		packet := make([]byte, 4)
		if _, err := io.ReadFull(client, packet); err != nil {
			return
		}
		rest := make([]byte, binary.BigEndian.Uint32(packet)-4)
		if _, err := io.ReadFull(client, rest); err != nil {
			return
		}
		if bytes.Contains(rest, []byte("client_connection_check_interval")) {
			refused.Add(1)
			body := "SFATAL\x00VFATAL\x00C42704\x00Munrecognized configuration parameter\x00\x00"
			_, _ = client.Write(append(binary.BigEndian.AppendUint32([]byte{'E'}, uint32(len(body)+4)), body...))
			return
		}
		upstream, err := net.Dial("tcp", server.Addr())
		if err != nil {
			return
		}
		defer func() { _ = upstream.Close() }()
		_, _ = upstream.Write(append(packet, rest...))
		go func() { _, _ = io.Copy(upstream, client) }()
		_, _ = io.Copy(client, upstream)
	})
	own := server.Fields("disable")
	own["port"] = fields["port"]
	s := newSession(t, openDB(t, own, nil))
	if got := run(t, s, "SHOW client_encoding").rows[0][0]; got != "UTF8" || refused.Load() == 0 {
		t.Errorf("got client_encoding %q after %d refusals, want UTF8 after one", got, refused.Load())
	}
}

// freezer dials a server and can stop all traffic, like a cut cable: nothing
// arrives, nothing is refused.
type freezer struct {
	target string
	frozen atomic.Bool
	closed chan struct{}
}

func (f *freezer) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	if f.frozen.Load() {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	upstream, err := new(net.Dialer).DialContext(ctx, network, f.target)
	if err != nil {
		return nil, err
	}
	near, far, err := loopbackPair()
	if err != nil {
		_ = upstream.Close()
		return nil, err
	}
	go f.pump(upstream, far)
	go f.pump(far, upstream)
	return near, nil
}

func (f *freezer) pump(to, from net.Conn) {
	defer func() { _ = to.Close() }()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if f.frozen.Load() {
			<-f.closed
			return
		}
		if _, writeErr := to.Write(buf[:n]); err != nil || writeErr != nil {
			return
		}
	}
}

// loopbackPair is a pair of connected TCP connections.
func loopbackPair() (near, far net.Conn, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = l.Close() }()
	if near, err = net.Dial("tcp", l.Addr().String()); err != nil {
		return nil, nil, err
	}
	far, err = l.Accept()
	return near, far, err
}

// TestCutCable: with the network gone a cancelled statement still ends, the
// session is given up, and the next one works when the network is back.
func TestCutCable(t *testing.T) {
	t.Parallel()
	server := testenv.Postgres(t)
	f := &freezer{target: server.Addr(), closed: make(chan struct{})}
	t.Cleanup(func() { close(f.closed) })
	db := openDB(t, server.Fields("disable"), func(c *engine.Config) { c.Dial = f.dial })
	s := newSession(t, db)
	run(t, s, "SELECT 1")
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	time.AfterFunc(100*time.Millisecond, func() { f.frozen.Store(true) })
	began := time.Now()
	_, err := s.Exec(ctx, engine.Statement{Text: "SELECT pg_sleep(30)"}, &sink{})
	if took := time.Since(began); took > 8*time.Second {
		t.Errorf("took %v, want at most 8 s", took)
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the context's cause", err)
	}
	var e *domain.SQLError
	if _, err := s.Exec(t.Context(), engine.Statement{Text: "SELECT 1"}, &sink{}); !errors.As(err, &e) {
		t.Errorf("the lost session: got %v, want a *domain.SQLError", err)
	}
	f.frozen.Store(false)
	run(t, newSession(t, db), "SELECT 1")
}
