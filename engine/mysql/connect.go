package mysql

import (
	"context"
	"crypto/tls"
	"fmt"
	"time"

	"github.com/go-sql-driver/mysql"
)

// connect opens a connection and signs in. Errors are as they came; explain
// puts them in words.
func (s settings) connect(ctx context.Context) (*wire, error) {
	ctx, cancel := context.WithTimeout(ctx, connectWithin)
	defer cancel()
	conn, err := s.dial(ctx, "tcp", s.addr)
	if err != nil {
		return nil, err
	}
	g, err := greet(ctx, conn, s)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return s.signIn(ctx, g)
}

// signIn lets the driver sign in over g and takes the connection over. It
// closes g if it fails.
func (s settings) signIn(ctx context.Context, g *gate) (*wire, error) {
	w, err := s.authenticate(ctx, g)
	if err != nil {
		_ = g.Close()
		return nil, err
	}
	if err := w.setUp(); err != nil {
		w.close()
		return nil, fmt.Errorf("set the session up: %w", err)
	}
	if err := w.conn.SetDeadline(time.Time{}); err != nil {
		w.close()
		return nil, fmt.Errorf("lift the bound of the sign-in: %w", err)
	}
	return w, nil
}

func (s settings) authenticate(ctx context.Context, g *gate) (*wire, error) {
	cfg := s.driverConfig(g)
	// The driver chooses how to send a password by whether TLS is on. It must
	// learn that, but only after the gate has dealt with TLS itself.
	var live *mysql.Config
	remember := mysql.BeforeConnect(func(_ context.Context, c *mysql.Config) error { live = c; return nil })
	if err := cfg.Apply(remember); err != nil {
		return nil, err
	}
	report := g.secured
	g.secured = func(err error) {
		if g.state != nil {
			live.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		report(err)
	}
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	signed, err := connector.Connect(ctx)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case g.fault != nil:
		return nil, g.fault
	default:
		return nil, err
	}
	if err := g.open(); err != nil {
		_ = signed.Close()
		return nil, err
	}
	return newWire(g, signed), nil
}
