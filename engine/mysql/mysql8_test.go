package mysql

import (
	"context"
	"errors"
	"strings"
	"testing"

	"dribble/domain"
	"dribble/engine"
)

func openFake(t *testing.T, f fakeServer) *database {
	t.Helper()
	f.password = "s3cret-of-mine"
	db, err := New().Open(engine.Config{MaxConns: 1, AppName: "dt-fake", Fields: map[string]string{
		"host": "127.0.0.1", "port": f.start(t), "user": "analyst", "password": f.password, "sslmode": "require",
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	d, _ := db.(*database)
	return d
}

// TestMySQL8SignIn checks the packets of a sign-in with TLS and
// caching_sha2_password, and results with and without the old end marks.
func TestMySQL8SignIn(t *testing.T) {
	t.Parallel()
	for name, hidden := range map[string]uint32{"as MySQL 8": 0, "with old end marks": capDeprecateEOF} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openFake(t, fakeServer{hidden: hidden, reply: func(f *fakeServer, statement string) {
				if !strings.Contains(statement, "/* dribble app=dt-fake run=r1 */ SELECT") {
					f.t.Errorf("the statement came as %q, want its tag before it", statement)
				}
				f.result([]string{"a", "b"}, "\x01x\xfb", "\x00\x02\xc3\xa9")
			}})
			s := sessionOf(t, d)
			r := &recorder{}
			if _, err := s.Exec(context.Background(), engine.Statement{Text: "SELECT a, b", Tag: "r1"}, r); err != nil {
				t.Fatal(err)
			}
			if got, want := shown(r), "[a, b] [x, NULL] [, é]"; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if s.wire.hello.product() != "MySQL 8.0.36" {
				t.Errorf("product is %q", s.wire.hello.product())
			}
		})
	}
}

// TestHostileServer checks that nothing a server sends is obeyed or believed.
func TestHostileServer(t *testing.T) {
	t.Parallel()
	cases := map[string]func(f *fakeServer, statement string){
		"asks for a file":      func(f *fakeServer, _ string) { f.send("\xfb/etc/passwd") },
		"endless columns":      func(f *fakeServer, _ string) { f.send("\xfe\xff\xff\xff\xff\xff\xff\xff\xff") },
		"no columns":           func(f *fakeServer, _ string) { f.send("\x02"); f.send("\x03def") },
		"cell beyond its row":  func(f *fakeServer, _ string) { f.result([]string{"a"}, "\x7fx") },
		"row too short":        func(f *fakeServer, _ string) { f.result([]string{"a", "b"}, "\x01x") },
		"empty packet":         func(f *fakeServer, _ string) { f.send("") },
		"short OK":             func(f *fakeServer, _ string) { f.send("\x00\x00") },
		"short error":          func(f *fakeServer, _ string) { f.send("\xff") },
		"wrong packet number":  func(f *fakeServer, _ string) { f.seq = 77; f.ok() },
		"closes the door":      func(f *fakeServer, _ string) { _ = f.Close() },
		"huge length, no data": func(f *fakeServer, _ string) { _, _ = f.Write([]byte("\xff\xff\xff\x01abc")); _ = f.Close() },
	}
	for name, reply := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sessionOf(t, openFake(t, fakeServer{reply: reply}))
			_, err := s.Exec(context.Background(), engine.Statement{Text: "SELECT 1"}, &recorder{})
			var e *domain.SQLError
			if !errors.As(err, &e) || e.Code != domain.CodeConnection {
				t.Errorf("got %v, want code %s", err, domain.CodeConnection)
			}
			if !s.wire.isBroken {
				t.Errorf("the session would be used again")
			}
		})
	}
}
