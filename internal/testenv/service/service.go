// Package service starts private copies of the servers that the tests need:
// PostgreSQL, MariaDB, Redis, each on a free loopback port with its data in a
// temporary folder. It knows nothing of package testing, so that the runner
// program and the tests share it.
//
// A started server is held by a small supervising shell that waits on a pipe.
// When the process that started it ends, for whatever reason, SIGKILL included,
// the pipe closes, the shell stops the server and removes its folder. Nothing is
// left behind and nobody has to remember a clean-up.
package service

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
)

// Kind names a service.
type Kind string

// The services.
const (
	KindPostgres Kind = "postgres"
	KindMariaDB  Kind = "mariadb"
	KindRedis    Kind = "redis"
	KindChromium Kind = "chromium"
)

// ErrMissing reports that a service's program is not installed.
var ErrMissing = errors.New("program not found")

// Server is the address of a running server and how to sign in to it. It is
// plain data and may be copied.
type Server struct {
	Kind     Kind
	Version  string // as the program reports it
	Host     string // "127.0.0.1"
	Port     int
	Socket   string // unix socket: a folder for PostgreSQL, a file for MariaDB
	User     string // may create databases and users
	Password string
	Database string

	// Paths of PEM files. The server's certificate is signed by CAFile and is
	// valid for localhost and 127.0.0.1. CertFile and KeyFile belong to the
	// database user CertUser, who needs no password. OtherCAFile has signed
	// nothing of this server.
	CAFile      string
	OtherCAFile string
	CertFile    string
	KeyFile     string
	CertUser    string
	// PlainUser is refused over TLS and TLSUser without it (PostgreSQL);
	// BarredUser is refused from every address. All have Password.
	PlainUser  string
	TLSUser    string
	BarredUser string
}

// Addr is host:port.
func (s Server) Addr() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// Variable is the environment variable that carries a server of the kind.
func (k Kind) Variable() string {
	switch k {
	case KindPostgres:
		return "DRIBBLE_TEST_POSTGRES"
	case KindMariaDB:
		return "DRIBBLE_TEST_MARIADB"
	case KindRedis:
		return "DRIBBLE_TEST_REDIS"
	default:
		return "DRIBBLE_TEST_CHROMIUM"
	}
}

// Install is the sentence that tells how to get the kind's program.
func (k Kind) Install() string {
	switch k {
	case KindPostgres:
		return "apt install postgresql"
	case KindMariaDB:
		return "apt install mariadb-server"
	case KindRedis:
		return "apt install redis-server"
	default:
		return "apt install chromium"
	}
}

// URL writes the server as one address, the form the environment variables
// carry: kind://user:password@host:port/database?socket=…&ca=….
func (s Server) URL() string {
	q := url.Values{}
	for name, field := range s.extras() {
		if *field != "" {
			q.Set(name, *field)
		}
	}
	u := url.URL{
		Scheme: string(s.Kind), User: url.UserPassword(s.User, s.Password),
		Host: s.Addr(), Path: "/" + s.Database, RawQuery: q.Encode(),
	}
	return u.String()
}

// Parse reads what URL wrote. A shorter address made by hand is fine too: only
// host and port are needed.
func Parse(kind Kind, text string) (Server, error) {
	u, err := url.Parse(text)
	if err != nil {
		return Server{}, fmt.Errorf("read %s: not an address", kind.Variable())
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		return Server{}, fmt.Errorf("read %s: no port in it", kind.Variable())
	}
	s := Server{Kind: kind, Host: u.Hostname(), Port: port, User: u.User.Username()}
	s.Password, _ = u.User.Password()
	if len(u.Path) > 1 {
		s.Database = u.Path[1:]
	}
	for name, field := range s.extras() {
		*field = u.Query().Get(name)
	}
	return s, nil
}

// FromEnv returns the server that the runner exported, if any.
func FromEnv(kind Kind) (Server, bool, error) {
	text := os.Getenv(kind.Variable())
	if text == "" {
		return Server{}, false, nil
	}
	s, err := Parse(kind, text)
	return s, err == nil, err
}

func (s *Server) extras() map[string]*string {
	return map[string]*string{
		"version": &s.Version, "socket": &s.Socket, "ca": &s.CAFile, "other_ca": &s.OtherCAFile,
		"cert": &s.CertFile, "key": &s.KeyFile, "cert_user": &s.CertUser, "plain_user": &s.PlainUser,
		"tls_user": &s.TLSUser, "barred_user": &s.BarredUser,
	}
}

// IsMissing reports whether err means that a program is not installed.
func IsMissing(err error) bool { return errors.Is(err, ErrMissing) }
