package postgres_test

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"dribble/engine"
	"dribble/engine/postgres"
	"dribble/internal/testenv"
)

// tlsCase is one way to connect and what the connection test must say of it.
type tlsCase struct {
	name   string
	mode   string
	change map[string]string
	label  string // wanted label of the TLS step, or Info.TLS
	step   string // wanted failing step; "" = passes
	field  string
	title  string // part of the error's title
}

func TestTLSModes(t *testing.T) {
	t.Parallel()
	server := testenv.Postgres(t)
	ca, other := server.PEM(t, server.CAFile), server.PEM(t, server.OtherCAFile)
	cert, key := server.PEM(t, server.CertFile), server.PEM(t, server.KeyFile)
	for _, tt := range []tlsCase{
		{name: "off", mode: "disable", label: "TLS not used"},
		{name: "allow uses none if none is needed", mode: "allow", label: "TLS not used"},
		{name: "allow uses it if the server insists", mode: "allow", change: map[string]string{"user": server.TLSUser},
			label: "TLS 1.3, certificate not checked"},
		{name: "prefer", mode: "prefer", label: "TLS 1.3, certificate not checked"},
		{name: "prefer falls back if the server insists", mode: "prefer", change: map[string]string{"user": server.PlainUser},
			label: "TLS not used"},
		{name: "require", mode: "require", label: "TLS 1.3, certificate not checked"},
		{name: "require with an authority checks it", mode: "require", change: map[string]string{"sslrootcert": ca},
			label: "TLS 1.3, certificate valid"},
		{name: "require with another authority", mode: "require", change: map[string]string{"sslrootcert": other},
			step: engine.StepTLS, field: "sslrootcert", title: "not trusted"},
		{name: "require never falls back", mode: "require", change: map[string]string{"user": server.PlainUser},
			step: engine.StepSignIn, field: "user", title: "does not let"},
		{name: "off where the server insists", mode: "disable", change: map[string]string{"user": server.TLSUser},
			step: engine.StepSignIn, field: "user", title: "does not let"},
		{name: "verify authority", mode: "verify-ca", change: map[string]string{"sslrootcert": ca}, label: "TLS 1.3, certificate valid"},
		{name: "verify authority ignores the name", mode: "verify-ca", change: map[string]string{"sslrootcert": ca, "host": "127.0.0.2"},
			label: "TLS 1.3, certificate valid"},
		{name: "verify authority against the system's", mode: "verify-ca", step: engine.StepTLS, field: "sslrootcert", title: "not trusted"},
		{name: "verify in full by address", mode: "verify-full", change: map[string]string{"sslrootcert": ca},
			label: "TLS 1.3, certificate valid"},
		{name: "verify in full by name", mode: "verify-full", change: map[string]string{"sslrootcert": ca, "host": "localhost"},
			label: "TLS 1.3, certificate valid"},
		{name: "verify in full against another authority", mode: "verify-full", change: map[string]string{"sslrootcert": other},
			step: engine.StepTLS, field: "sslrootcert", title: "not trusted"},
		{name: "verify in full another name", mode: "verify-full", change: map[string]string{"sslrootcert": ca, "host": "127.0.0.2"},
			step: engine.StepTLS, field: "host", title: "not for 127.0.0.2"},
		{name: "client certificate", mode: "verify-full",
			change: map[string]string{"sslrootcert": ca, "sslcert": cert, "sslkey": key, "user": server.CertUser, "password": ""},
			label:  "TLS 1.3, certificate valid"},
		{name: "client certificate missing", mode: "verify-full",
			change: map[string]string{"sslrootcert": ca, "user": server.CertUser, "password": ""},
			step:   engine.StepSignIn, field: "sslcert", title: "client certificate"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			fields := server.Fields(tt.mode)
			for k, v := range tt.change {
				fields[k] = v
			}
			cfg := engine.Config{Fields: fields, MaxConns: 1, AppName: "tls"}
			if fields["host"] == "127.0.0.2" {
				cfg.Dial = dialLoopback(server.Addr())
			}
			checkTLS(t, cfg, tt)
		})
	}
}

func checkTLS(t *testing.T, cfg engine.Config, tt tlsCase) {
	t.Helper()
	db, err := postgres.New().Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	info, err := db.Check(t.Context(), func(engine.CheckStep) {})
	if tt.step == "" {
		if err != nil {
			t.Fatalf("got error %v", err)
		}
		if info.TLS != tt.label {
			t.Errorf("got %q, want %q", info.TLS, tt.label)
		}
		// The pool must connect the same way as the test.
		if err := db.Ping(t.Context()); err != nil {
			t.Errorf("ping: %v", err)
		}
		return
	}
	var e *engine.CheckError
	if !errors.As(err, &e) {
		t.Fatalf("got error %v, want a *engine.CheckError", err)
	}
	if e.Step != tt.step || e.Field != tt.field || !strings.Contains(e.Title, tt.title) {
		t.Errorf("got %+v, want step %q, field %q, title with %q", e, tt.step, tt.field, tt.title)
	}
}

// fakeServer answers connections with a function of its own.
func fakeServer(t *testing.T, answer func(net.Conn)) map[string]string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				answer(conn)
			}()
		}
	}()
	port := l.Addr().(*net.TCPAddr).Port
	return map[string]string{
		"host": "127.0.0.1", "port": strconv.Itoa(port), "database": "d", "user": "u", "password": "secret-word", "sslmode": "require",
	}
}

// refuse reads the TLS request and sends one byte.
func refuse(answer byte) func(net.Conn) {
	return func(conn net.Conn) {
		request := make([]byte, 8)
		if _, err := io.ReadFull(conn, request); err == nil && binary.BigEndian.Uint32(request[4:]) == 80877103 {
			_, _ = conn.Write([]byte{answer})
		}
	}
}

func TestCheckFakeServers(t *testing.T) {
	t.Parallel()
	fatal := func(code, message string) func(net.Conn) {
		return func(conn net.Conn) {
			body := "SFATAL\x00VFATAL\x00C" + code + "\x00M" + message + "\x00\x00"
			packet := binary.BigEndian.AppendUint32([]byte{'E'}, uint32(len(body)+4))
			_, _ = conn.Read(make([]byte, 1024))
			_, _ = conn.Write(append(packet, body...))
		}
	}
	for _, tt := range []struct {
		name   string
		mode   string
		answer func(net.Conn)
		step   string
		field  string
		title  string
	}{
		{"TLS not offered", "require", refuse('N'), engine.StepTLS, "sslmode", "does not offer TLS"},
		{"closes at once", "require", func(net.Conn) {}, engine.StepTLS, "sslmode", "TLS could not be agreed"},
		{"speaks HTTP", "require", func(c net.Conn) { _, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")) },
			engine.StepTLS, "sslmode", ""},
		{"speaks HTTP without TLS", "disable", func(c net.Conn) { _, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")) },
			engine.StepSignIn, "host", "closed during the sign-in"},
		{"too many connections", "disable", fatal("53300", "sorry, too many clients already"), engine.StepSignIn, "", "no connection left"},
		{"starting up", "disable", fatal("57P03", "the database system is starting up"), engine.StepSignIn, "", "starting up"},
		{"no right to connect", "disable", fatal("42501", "permission denied for database"), engine.StepSignIn, "database", "may not connect"},
		{"echoes the password", "disable", fatal("28P01", "you said secret-word"), engine.StepSignIn, "password", "Wrong password"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			fields := fakeServer(t, tt.answer)
			fields["sslmode"] = tt.mode
			db, err := postgres.New().Open(engine.Config{Fields: fields, MaxConns: 1, AppName: "fake"})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			_, err = db.Check(t.Context(), func(engine.CheckStep) {})
			var e *engine.CheckError
			if !errors.As(err, &e) {
				t.Fatalf("got error %v, want a *engine.CheckError", err)
			}
			if e.Step != tt.step || e.Field != tt.field || !strings.Contains(e.Title, tt.title) {
				t.Errorf("got %+v, want step %q, field %q, title with %q", e, tt.step, tt.field, tt.title)
			}
			if strings.Contains(e.Raw, "secret-word") {
				t.Errorf("the password stands in %q", e.Raw)
			}
		})
	}
}

func TestSilentHostTimesOut(t *testing.T) {
	t.Parallel()
	// Nothing ever answers in TEST-NET-1; the dialer stands for that.
	cfg := engine.Config{
		Fields:   map[string]string{"host": "billing-db", "port": "5432", "database": "d", "user": "u"},
		MaxConns: 1, AppName: "silent", Dial: dialSilence,
	}
	db, err := postgres.New().Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	began := time.Now()
	_, err = db.Session(t.Context())
	if took := time.Since(began); took > 12*time.Second {
		t.Errorf("took %v", took)
	}
	const want = "connection: Could not reach billing-db:5432. The host did not answer in 5 s."
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
