package mysql

import (
	"context"
	"crypto/tls"
	"net"
	"strings"
	"time"

	"dribble/domain"
	"dribble/engine"

	"github.com/go-sql-driver/mysql"
)

// connectWithin bounds dialling, TLS and sign-in together.
const connectWithin = 10 * time.Second

// settings is what readSettings makes of an engine.Config.
type settings struct {
	addr     string // host:port
	host     string
	database string // "" if none
	user     string
	password string
	tlsMode  string
	tls      *tls.Config // nil if tlsMode is disable
	appName  string
	readOnly bool
	dial     func(ctx context.Context, network, addr string) (net.Conn, error)
}

func readSettings(cfg engine.Config) (settings, error) {
	f, err := spec().Clean(cfg.Fields)
	if err != nil {
		return settings{}, err
	}
	if strings.HasPrefix(f[fieldHost], "/") {
		return settings{}, domain.FieldError(fieldHost, "Host must be a name or an address; sockets are not supported.")
	}
	host := strings.Trim(f[fieldHost], "[]")
	s := settings{
		addr: net.JoinHostPort(host, f[fieldPort]), host: host,
		database: f[fieldDatabase], user: f[fieldUser], password: f[fieldPassword],
		tlsMode: f[fieldTLS], appName: plainWord(cfg.AppName), readOnly: cfg.ReadOnly, dial: cfg.Dial,
	}
	if s.dial == nil {
		s.dial = (&net.Dialer{}).DialContext
	}
	s.tls, err = tlsConfig(host, f)
	return s, err
}

// driverConfig is the driver's configuration for one sign-in over conn. It is
// built field by field and never from a DSN, so that nothing a person types can
// switch an option of the driver.
func (s settings) driverConfig(conn net.Conn) *mysql.Config {
	c := mysql.NewConfig()
	c.Net, c.Addr = "tcp", s.addr
	c.User, c.Passwd, c.DBName = s.user, s.password, s.database
	c.Logger = &mysql.NopLogger{}
	c.DialFunc = func(context.Context, string, string) (net.Conn, error) { return conn, nil }
	c.MultiStatements, c.AllowAllFiles, c.AllowOldPasswords = false, false, false
	// A password in clear is sent only to a server that has proved who it is.
	c.AllowCleartextPasswords = s.tlsMode == tlsVerifyCA || s.tlsMode == tlsVerifyFull
	if s.appName != "" {
		c.ConnectionAttributes = "program_name:" + s.appName
	}
	return c
}

// plainWord keeps the characters of s that mean nothing in SQL comments,
// literals and connection attributes.
func plainWord(s string) string {
	const most = 64
	word := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("-_.", r):
			return r
		case r == ' ', r == '/', r == ':':
			return '-'
		}
		return -1
	}, s)
	return word[:min(len(word), most)]
}
