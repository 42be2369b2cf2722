package mysql

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

// fakeServer plays a MySQL 8 server with an account of caching_sha2_password
// whose password the server has not cached: the one sign-in that MariaDB cannot
// show. It notes what a server would object to.
type fakeServer struct {
	t        *testing.T
	net.Conn // TLS once asked for
	seq      byte
	caps     uint32
	password string
	// hidden are capabilities that the server does not have.
	hidden uint32
	// reply answers statements other than those that set a session up.
	reply func(f *fakeServer, statement string)
	cert  tls.Certificate
}

const fakeCaps = 0xdfffffff // all of MySQL 8 but the capability to expire passwords

// start serves connections until the test ends and returns the port.
func (f fakeServer) start(t *testing.T) string {
	t.Helper()
	f.t, f.cert = t, selfSigned(t)
	l, port := listen(t)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			one := f
			one.Conn = c
			go func() {
				defer func() { _ = one.Close() }()
				if one.signIn() {
					one.serve()
				}
			}()
		}
	}()
	return port
}

func (f *fakeServer) signIn() bool {
	caps := uint32(fakeCaps) &^ f.hidden
	low, high := make([]byte, 2), make([]byte, 2)
	binary.LittleEndian.PutUint16(low, uint16(caps&0xffff))
	binary.LittleEndian.PutUint16(high, uint16(caps>>16))
	f.send("\x0a8.0.36\x00\x01\x00\x00\x00abcdefgh\x00" + string(low) + "\xff\x02\x00" + string(high) + "\x15" +
		strings.Repeat("\x00", 10) + "abcdefghijkl\x00caching_sha2_password\x00")
	first := f.read()
	if len(first) != tlsRequest {
		f.t.Errorf("the first packet has %d bytes, want a TLS request of %d", len(first), tlsRequest)
		return false
	}
	f.Conn = tls.Server(f.Conn, &tls.Config{Certificates: []tls.Certificate{f.cert}, MinVersion: tls.VersionTLS12})
	response := f.read()
	if len(response) < tlsRequest || response[:tlsRequest] != first {
		f.t.Errorf("the handshake response does not begin like the TLS request")
		return false
	}
	f.caps = binary.LittleEndian.Uint32([]byte(response))
	if f.caps&capLocalFiles != 0 || f.caps&capTLS == 0 {
		f.t.Errorf("capabilities are %x: LOCAL must be off and TLS on", f.caps)
	}
	f.send("\x01\x04") // full authentication, please
	if got := f.read(); got != f.password+"\x00" {
		f.t.Errorf("the password came as %q, want it plain inside TLS", got)
		return false
	}
	f.send("\x00\x00\x00\x02\x00\x00\x00")
	return true
}

func (f *fakeServer) serve() {
	for {
		f.seq = 0
		command := f.read()
		switch {
		case command == "" || command[0] == 1:
			return
		case strings.Contains(command, "SET NAMES"):
			f.ok()
		case strings.Contains(command, "CONNECTION_ID()"):
			f.result([]string{"id", "db", "role"}, "\x011\xfb\x04NONE")
		case command[0] == comPing || command[0] == comReset:
			f.ok()
		default:
			f.reply(f, command[1:])
		}
	}
}

func (f *fakeServer) ok() { f.send("\x00\x00\x00\x02\x00\x00\x00") }

// result sends text columns and rows.
func (f *fakeServer) result(names []string, rows ...string) {
	f.send(string([]byte{byte(len(names))}))
	for _, n := range names {
		f.send("\x03def\x00\x00\x00" + string([]byte{byte(len(n))}) + n + "\x00\x0c\xff\x00\x00\x01\x00\x00\xfd\x00\x00\x00\x00\x00")
	}
	if f.caps&capDeprecateEOF == 0 {
		f.send("\xfe\x00\x00\x02\x00")
	}
	for _, r := range rows {
		f.send(r)
	}
	if f.caps&capDeprecateEOF == 0 {
		f.send("\xfe\x00\x00\x02\x00")
		return
	}
	f.send("\xfe\x00\x00\x02\x00\x00\x00")
}

func (f *fakeServer) send(body string) {
	head := []byte{byte(len(body)), byte(len(body) >> 8), byte(len(body) >> 16), f.seq}
	f.seq++
	_, _ = f.Write(append(head, body...))
}

func (f *fakeServer) read() string {
	head := make([]byte, headerSize)
	if _, err := io.ReadFull(f.Conn, head); err != nil {
		return ""
	}
	if head[3] != f.seq {
		f.t.Errorf("packet number is %d, want %d", head[3], f.seq)
	}
	f.seq = head[3] + 1
	body := make([]byte, int(head[0])|int(head[1])<<8|int(head[2])<<16)
	_, _ = io.ReadFull(f.Conn, body)
	return string(body)
}

func selfSigned(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(fmt.Errorf("make a certificate: %w", err))
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
