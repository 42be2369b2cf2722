package postgres

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"dribble/engine"
)

const (
	dialTimeout    = 5 * time.Second  // for the host to answer
	connectTimeout = 15 * time.Second // for the whole sign-in
)

// settings are the checked connection fields.
type settings struct {
	host     string
	port     uint16
	database string
	user     string
	password string
	tls      tlsSettings
	appName  string
	readOnly bool
	maxConns int
	dial     func(ctx context.Context, network, addr string) (net.Conn, error)
}

func newSettings(spec engine.Spec, cfg engine.Config) (settings, error) {
	f, err := spec.Clean(cfg.Fields)
	if err != nil {
		return settings{}, err
	}
	port, err := strconv.ParseUint(f[fieldPort], 10, 16)
	if err != nil {
		return settings{}, fmt.Errorf("read port: %w", err)
	}
	s := settings{
		host: f[fieldHost], port: uint16(port), database: f[fieldDatabase], user: f[fieldUser],
		password: f[fieldPassword], appName: cfg.AppName, readOnly: cfg.ReadOnly,
		maxConns: max(cfg.MaxConns, 1), dial: cfg.Dial,
	}
	if s.tls, err = newTLSSettings(f); err != nil {
		return settings{}, err
	}
	if s.dial == nil {
		s.dial = new(net.Dialer).DialContext
	}
	return s, nil
}

// network and address of the server, as net.Dial takes them.
func (s settings) address() (network, addr string) { return pgconn.NetworkAddress(s.host, s.port) }

// where names the server in messages: "billing-db:5432".
func (s settings) where() string {
	network, addr := s.address()
	if network == "unix" {
		return "the socket " + addr
	}
	return addr
}

// dialHost opens a network connection and bounds the wait.
func (s settings) dialHost(ctx context.Context, network, addr string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	conn, err := s.dial(ctx, network, addr)
	if err != nil {
		return nil, &dialError{err}
	}
	return conn, nil
}

// dialOnce is dialHost for one connection. If the host does not answer, the
// driver's second try, the one with or without TLS, fails at once.
func (s settings) dialOnce() pgconn.DialFunc {
	var reached bool
	var failed error
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		if reached { // also every cancel request later, from other goroutines
			return s.dialHost(ctx, network, addr)
		}
		if failed != nil {
			return nil, failed
		}
		conn, err := s.dialHost(ctx, network, addr)
		reached, failed = err == nil, err
		return conn, err
	}
}

// driver builds the driver's configuration from the fields alone. The driver
// insists on a parsed connection string, so a constant one is parsed and every
// field that it or the environment could have set is replaced.
//
// Bare leaves out the parameters that servers before 14 and some poolers do not
// know.
func (s settings) driver(bare bool, onNotice pgconn.NoticeHandler) (*pgconn.Config, error) {
	c, err := pgconn.ParseConfig("host=localhost port=5432 user=x password=x dbname=x sslmode=disable")
	if err != nil {
		return nil, fmt.Errorf("make driver configuration: %w", err)
	}
	c.Host, c.Port, c.Database, c.User, c.Password = s.host, s.port, s.database, s.user, s.password
	c.ConnectTimeout = connectTimeout
	c.DialFunc = s.dialOnce()
	// The name is resolved by the dialer, which checks addresses, not here.
	c.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil }
	c.OnNotice, c.OnNotification = onNotice, nil
	c.ValidateConnect, c.AfterConnect, c.AfterNetConnect = nil, nil, nil
	c.SSLNegotiation, c.SSLCertMode, c.ChannelBinding, c.RequireAuth = "", "", "", ""
	c.MinProtocolVersion, c.MaxProtocolVersion = "", ""
	c.KerberosSrvName, c.KerberosSpn = "", ""
	c.RuntimeParams = s.parameters(bare)
	c.TLSConfig, c.Fallbacks = nil, nil
	if network, _ := s.address(); network == "tcp" {
		s.tls.apply(c)
	}
	return c, nil
}

// parameters are sent at sign-in, so that DISCARD ALL goes back to them.
func (s settings) parameters(bare bool) map[string]string {
	p := map[string]string{
		"application_name": s.appName,
		"client_encoding":  "UTF8",
		"DateStyle":        "ISO",
	}
	if !bare {
		p["IntervalStyle"] = "postgres"
		// The server itself ends the statement of a worker that has died.
		p["client_connection_check_interval"] = "1000"
	}
	return p
}
