package mysql

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"dribble/engine"
	"dribble/internal/testenv"
)

func TestCheckPasses(t *testing.T) {
	t.Parallel()
	server := testenv.MariaDB(t).NewDatabase(t)
	ca := server.PEM(t, server.CAFile)
	cases := []struct {
		name   string
		change map[string]string
		tls    string
	}{
		{"disable", map[string]string{"sslmode": "disable"}, "TLS not used"},
		{"prefer", map[string]string{"sslmode": "prefer"}, "TLS 1.3, certificate not verified"},
		{"require", map[string]string{"sslmode": "require"}, "TLS 1.3, certificate not verified"},
		{"verify-ca", map[string]string{"sslmode": "verify-ca", "sslrootcert": ca}, "TLS 1.3, certificate valid"},
		{"verify-full", map[string]string{"sslmode": "verify-full", "sslrootcert": ca}, "TLS 1.3, certificate valid"},
		{"client certificate", map[string]string{
			"sslmode": "verify-full", "sslrootcert": ca, "user": server.CertUser, "password": "", "database": "",
			"sslcert": server.PEM(t, server.CertFile), "sslkey": server.PEM(t, server.KeyFile),
		}, "TLS 1.3, certificate valid"},
		{"account that needs TLS", map[string]string{"sslmode": "prefer", "user": server.TLSUser, "database": ""},
			"TLS 1.3, certificate not verified"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := openAt(t, server, func(cfg *engine.Config) { overlay(cfg.Fields, c.change) })
			var steps []engine.CheckStep
			info, err := d.Check(context.Background(), func(s engine.CheckStep) { steps = append(steps, s) })
			if err != nil {
				t.Fatalf("check: %v", err)
			}
			if info.TLS != c.tls {
				t.Errorf("TLS is %q, want %q", info.TLS, c.tls)
			}
			if !strings.HasPrefix(info.ServerVersion, "MariaDB ") || info.Latency <= 0 || info.ServerTime == "" {
				t.Errorf("got %+v, want version, latency and server time", info)
			}
			want := []string{engine.StepHost, engine.StepTLS, engine.StepSignIn, engine.StepSchema}
			if len(steps) != 2*len(want) {
				t.Fatalf("got steps %+v, want a begin and an end of %v", steps, want)
			}
			for i, name := range want {
				if b, e := steps[2*i], steps[2*i+1]; b.Name != name || b.Done || e.Name != name || !e.Done || !e.OK {
					t.Errorf("step %s: got %+v, %+v", name, b, e)
				}
			}
		})
	}
}

func TestCheckFails(t *testing.T) {
	t.Parallel()
	server := testenv.MariaDB(t).NewDatabase(t)
	admin := sessionOf(t, openAt(t, server, nil))
	for _, name := range []string{"dt_poor", "dt_one", "dt_locked"} {
		execAll(t, admin, "DROP USER IF EXISTS "+name, "CREATE USER "+name+" IDENTIFIED BY 'Wq7-secret'")
	}
	execAll(t, admin, "ALTER USER dt_locked ACCOUNT LOCK", "GRANT USAGE ON *.* TO dt_one WITH MAX_USER_CONNECTIONS 1")
	t.Cleanup(func() { execAll(t, admin, "DROP USER dt_poor, dt_one, dt_locked") })
	occupant := openAt(t, server, func(c *engine.Config) {
		overlay(c.Fields, map[string]string{"user": "dt_one", "password": "Wq7-secret", "database": ""})
	})
	sessionOf(t, occupant)
	password := "Wq7-secret"
	cases := []struct {
		name   string
		change map[string]string
		step   string
		field  string
		title  string
	}{
		{"unknown host", map[string]string{"host": "no-such-host.invalid"}, engine.StepHost, "host", "no host called"},
		{"refused", map[string]string{"port": closedPort(t)}, engine.StepHost, "port", "Nothing listens"},
		{"another service", map[string]string{"port": serve(t, "220 mail ready\r\n")}, engine.StepHost, "port", "is no MySQL"},
		{"too many connections", map[string]string{"port": serve(t, errorPacket(1040, "Too many connections"))}, engine.StepHost, "", "too many connections"},
		{"host not allowed", map[string]string{"port": serve(t, errorPacket(1130, "Host '10.0.0.9' is not allowed"))}, engine.StepHost, "user", "lets nobody in"},
		{"host blocked", map[string]string{"port": serve(t, errorPacket(1129, "Host is blocked"))}, engine.StepHost, "host", "blocked"},
		{"TLS not offered", map[string]string{"port": serve(t, plainGreeting()), "sslmode": "require"}, engine.StepTLS, "sslmode", "does not offer TLS"},
		{"authority not trusted", map[string]string{"sslmode": "verify-full", "sslrootcert": server.PEM(t, server.OtherCAFile)}, engine.StepTLS, "sslrootcert", "not trusted"},
		{"authority of the system", map[string]string{"sslmode": "verify-ca"}, engine.StepTLS, "sslrootcert", "not trusted"},
		{"other name", map[string]string{"sslmode": "verify-full", "host": "127.0.0.2", "sslrootcert": server.PEM(t, server.CAFile), "port": forward(t, server.Addr())}, engine.StepTLS, "host", "not for 127.0.0.2"},
		{"wrong password", map[string]string{"password": password}, engine.StepSignIn, "password", "Wrong password for " + server.User},
		{"no password", map[string]string{"password": ""}, engine.StepSignIn, "password", "asks for a password"},
		{"wrong password over TLS", map[string]string{"password": password, "sslmode": "require"}, engine.StepSignIn, "password", "Wrong password"},
		{"barred user", map[string]string{"user": server.BarredUser}, engine.StepSignIn, "password", "Wrong password"},
		{"unknown database", map[string]string{"database": "no_such_database"}, engine.StepSignIn, "database", "no database called"},
		{"no access to the database", map[string]string{"user": "dt_poor", "password": password}, engine.StepSignIn, "database", "may not use"},
		{"locked", map[string]string{"user": "dt_locked", "password": password, "database": ""}, engine.StepSignIn, "user", "locked"},
		{"account's limit", map[string]string{"user": "dt_one", "password": password, "database": ""}, engine.StepSignIn, "", "too many connections"},
	}
	good := 0
	for _, c := range cases {
		if t.Run(c.name, func(t *testing.T) {
			d := openAt(t, server, func(cfg *engine.Config) { overlay(cfg.Fields, c.change) })
			var last engine.CheckStep
			_, err := d.Check(context.Background(), func(s engine.CheckStep) { last = s })
			var e *engine.CheckError
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want a check error", err)
			}
			if e.Step != c.step || e.Field != c.field || !strings.Contains(e.Title, c.title) {
				t.Errorf("got step %s, field %q, title %q (%s)", e.Step, e.Field, e.Title, e.Raw)
			}
			if last.Name != c.step || !last.Done || last.OK {
				t.Errorf("the last step is %+v, want a failed %s", last, c.step)
			}
			if len(e.Remedies) == 0 || len(e.Remedies) > 2 || e.Raw == "" {
				t.Errorf("got %+v, want one or two remedies and a raw message", e)
			}
			for _, secret := range []string{password, server.Password} {
				if strings.Contains(fmt.Sprint(e, e.Remedies), secret) {
					t.Errorf("the error holds the password: %v", e)
				}
			}
		}) {
			good++
		}
	}
	fmt.Printf("mysql: failed connections explained: %d of %d\n", good, len(cases))
}

func TestCanWrite(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		line string
		want bool
	}{
		{"nothing", "GRANT USAGE ON *.* TO `a`@`%`", false},
		{"reading", "GRANT SELECT, SHOW VIEW ON `shop`.* TO `a`@`%`", false},
		{"columns", "GRANT SELECT (`INSERT`, `b`) ON `shop`.`t` TO `a`@`%`", false},
		{"columns to write", "GRANT SELECT (`a`), UPDATE (`b`) ON `shop`.`t` TO `a`@`%`", true},
		{"all", "GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION", true},
		{"write", "GRANT SELECT, INSERT ON `shop`.* TO `a`@`%`", true},
		{"run routines", "GRANT EXECUTE ON `shop`.* TO `a`@`%`", true},
		{"role", "GRANT `reader`@`%` TO `a`@`%`", false},
		{"unknown right", "GRANT SELECT, TIME_TRAVEL ON *.* TO `a`@`%`", true},
		{"dynamic right of MySQL 8", "GRANT SYSTEM_VARIABLES_ADMIN ON *.* TO `a`@`%`", true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := grantsWrite(c.line); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func overlay(fields, change map[string]string) {
	for name, value := range change {
		fields[name] = value
	}
}

// closedPort is a port at which nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, port := listen(t)
	_ = l.Close()
	return port
}

func listen(t *testing.T) (net.Listener, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed by the test
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return l, port
}

// serve answers each connection with text and closes it.
func serve(t *testing.T, text string) string {
	t.Helper()
	l, port := listen(t)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte(text))
			_ = c.(*net.TCPConn).CloseWrite()
		}
	}()
	return port
}

// forward listens on every loopback address and passes on to addr.
func forward(t *testing.T, addr string) string {
	t.Helper()
	l, err := net.Listen("tcp", "0.0.0.0:0") //nolint:noctx,gosec // 127.0.0.2 is wanted too; closed by the test
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", addr) //nolint:noctx // closed with in
			if err != nil {
				return
			}
			go func() { pipe(out, in) }()
			go func() { pipe(in, out) }()
		}
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func pipe(to, from net.Conn) {
	defer func() { _ = to.Close() }()
	buf := make([]byte, 4096)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}

func packet(body string) string {
	return string([]byte{byte(len(body)), byte(len(body) >> 8), 0, 0}) + body
}

func errorPacket(number int, message string) string {
	return packet(string([]byte{0xff, byte(number), byte(number >> 8)}) + message)
}

// plainGreeting is that of a MySQL 8 server without TLS.
func plainGreeting() string {
	return packet("\x0a8.0.36\x00\x01\x00\x00\x00abcdefgh\x00\xff\xf7\xff\x02\x00\xff\xdf\x15" +
		strings.Repeat("\x00", 10) + "abcdefghijkl\x00caching_sha2_password\x00")
}
