package mysql

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"dribble/sqltext"
)

// FuzzServer feeds a statement's reader with whatever a server may send. It
// must neither panic nor hang nor hand on a row with the wrong number of cells.
func FuzzServer(f *testing.F) {
	f.Add([]byte("\x07\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00"), uint32(capDeprecateEOF), uint32(extMetadata))
	f.Add([]byte("\x01\x00\x00\x01\x01\x03\x00\x00\x02\x03def"), uint32(0), uint32(0))
	f.Add([]byte("\x0d\x00\x00\x01\xff\x28\x04#42000wrong"), uint32(0), uint32(0))
	f.Add([]byte("\x01\x00\x00\x01\xfb"), uint32(0), uint32(0))
	f.Fuzz(func(t *testing.T, stream []byte, caps, ext uint32) {
		w := &wire{conn: sent{bytes.NewReader(stream)}, caps: caps, ext: ext}
		w.in = packetReader{src: w.conn, buf: make([]byte, 64)}
		var k counter
		_, err := w.run("SELECT 1", 10, &k)
		var said *serverError
		var stop *stopError
		if err != nil && !errors.As(err, &said) && !errors.As(err, &stop) && !w.isBroken {
			t.Errorf("after %v the connection would be used again", err)
		}
		if k.isWrong {
			t.Error("a row has not as many cells as columns")
		}
	})
}

func FuzzGreeting(f *testing.F) {
	f.Add([]byte(plainGreeting()[headerSize:]))
	f.Add([]byte("\xff\x10\x04Too many connections"))
	f.Fuzz(func(_ *testing.T, p []byte) {
		if len(p) > 0 {
			g, _ := parseGreeting(p)
			_ = g.product()
		}
	})
}

// FuzzBind checks that an argument becomes one literal, whatever it holds: the
// scanner sees the same tokens after it as before it.
func FuzzBind(f *testing.F) {
	for _, s := range []string{"", "a", "'", `\`, "\x00", "é", "*/", "?", "-- "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, arg string) {
		got, err := bind("SELECT ?, '?'", []*string{&arg}, 0)
		if err != nil {
			t.Fatal(err)
		}
		strings := 0
		for token := range sqltext.Scan(sqltext.MySQL, got) {
			switch token.Kind {
			case sqltext.TokenString:
				strings++
			case sqltext.TokenComment, sqltext.TokenPlaceholder, sqltext.TokenTerminator, sqltext.TokenOperator:
				t.Errorf("%q holds a %s", got, token.Kind)
			}
		}
		if strings != 2 {
			t.Errorf("%q holds %d strings, want 2", got, strings)
		}
	})
}

func FuzzPosition(f *testing.F) {
	f.Add("near 'x' at line 1", "SELECT x")
	f.Add("Unknown column 'a.b' in 'field list'", "SELECT a.b")
	f.Fuzz(func(t *testing.T, message, text string) {
		for _, number := range []uint16{numSyntax, numUnknownColumn, numNoSuchTable} {
			at := position(&serverError{number: number, message: message}, "/* t */ "+text, text)
			if at != nil && (*at < 0 || *at > len(text)) {
				t.Errorf("position %d in a text of %d bytes", *at, len(text))
			}
		}
	})
}

// counter looks at rows without keeping them.
type counter struct {
	defs    int
	isWrong bool
}

func (c *counter) columns(defs []definition) error { c.defs = len(defs); return nil }
func (c *counter) halt()                           {}
func (c *counter) row(cells [][]byte) error {
	c.isWrong = c.isWrong || len(cells) != c.defs
	return nil
}

// sent is a connection whose server has said all it has to say.
type sent struct{ io.Reader }

func (sent) Write(p []byte) (int, error)      { return len(p), nil }
func (sent) Close() error                     { return nil }
func (sent) LocalAddr() net.Addr              { return nil }
func (sent) RemoteAddr() net.Addr             { return nil }
func (sent) SetDeadline(time.Time) error      { return nil }
func (sent) SetReadDeadline(time.Time) error  { return nil }
func (sent) SetWriteDeadline(time.Time) error { return nil }
