package mysql

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
)

// Capability bits of the handshake that matter here.
const (
	capMySQL        = 1 << 0 // absent: a MariaDB server with extended capabilities
	capLocalFiles   = 1 << 7
	capTLS          = 1 << 11
	capDeprecateEOF = 1 << 24

	extMetadata = 1 << 3 // MariaDB: column types in their own words (uuid, json, inet6)
)

const (
	headerSize  = 4
	tlsRequest  = 32       // bytes of a handshake response that make a TLS request
	maxSignIn   = 64 << 10 // bytes of one packet during sign-in
	extPosition = 28       // of the extended capabilities in a handshake response
)

var errTLSNotOffered = errors.New("the server does not offer TLS")

// gate is the connection the driver signs in over. It stands between driver and
// network for three reasons: the encrypted stream must be ours when the driver
// is done, LOAD DATA LOCAL must be off in the handshake, and MariaDB's extended
// column types must be asked for. To the driver the connection looks plain; the
// one packet it does not know of, the TLS request, shifts the packet numbers
// until sign-in ends.
type gate struct {
	net.Conn
	hello     greeting
	handshake func(net.Conn) (*tls.Conn, error) // nil: stay plain
	secured   func(error)                       // called once the TLS step has passed or failed
	state     *tls.ConnectionState              // nil while plain
	caps      uint32                            // as agreed with the server
	ext       uint32
	fault     error  // the first failure, which the driver does not pass on
	pending   []byte // of a packet the driver has not taken yet
	shift     byte
	isSigned  bool // the handshake response has been sent
	isOpen    bool // sign-in is over, bytes pass untouched
}

// greet reads the server's greeting from conn. If the server turns the
// connection away at once, the error is a *serverError.
func greet(ctx context.Context, conn net.Conn, set settings) (*gate, error) {
	g := &gate{Conn: conn, secured: func(error) {}}
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return nil, fmt.Errorf("bound the sign-in: %w", err)
		}
	}
	packet, err := g.readPacket()
	if err != nil {
		return nil, &greetingError{err}
	}
	if g.hello, err = parseGreeting(packet[headerSize:]); err != nil {
		return nil, err
	}
	g.pending = packet
	if set.tls == nil {
		return g, nil
	}
	if g.hello.caps&capTLS == 0 {
		if set.tlsMode == tlsPrefer {
			return g, nil
		}
		return nil, errTLSNotOffered
	}
	g.handshake = func(c net.Conn) (*tls.Conn, error) {
		secure := tls.Client(c, set.tls.Clone())
		return secure, secure.HandshakeContext(ctx)
	}
	return g, nil
}

// Read gives the driver what the server sent, packet numbers put right.
func (g *gate) Read(p []byte) (int, error) {
	if g.isOpen {
		return g.Conn.Read(p)
	}
	if len(g.pending) == 0 {
		packet, err := g.readPacket()
		if err != nil {
			return 0, g.fail(err)
		}
		packet[3] -= g.shift
		g.pending = packet
	}
	n := copy(p, g.pending)
	g.pending = g.pending[n:]
	return n, nil
}

// Write passes on one packet of the driver. The first one is the handshake
// response; TLS begins before it.
func (g *gate) Write(p []byte) (int, error) {
	if g.isOpen {
		return g.Conn.Write(p)
	}
	packet := append([]byte(nil), p...)
	if !g.isSigned {
		if len(packet) < headerSize+tlsRequest {
			return 0, g.fail(errMalformed)
		}
		g.isSigned = true
		if err := g.answer(packet); err != nil {
			return 0, g.fail(err)
		}
	}
	packet[3] += g.shift
	if _, err := g.Conn.Write(packet); err != nil {
		return 0, g.fail(err)
	}
	return len(p), nil
}

func (g *gate) fail(err error) error {
	if g.fault == nil {
		g.fault = err
	}
	return err
}

// answer sets the capabilities in the handshake response and, if wanted, asks
// for TLS and changes over to it.
func (g *gate) answer(packet []byte) error {
	body := packet[headerSize:]
	g.caps = binary.LittleEndian.Uint32(body) &^ capLocalFiles
	if g.handshake != nil {
		g.caps |= capTLS
	}
	binary.LittleEndian.PutUint32(body, g.caps)
	if g.caps&capMySQL == 0 {
		g.ext = g.hello.ext & extMetadata
		binary.LittleEndian.PutUint32(body[extPosition:], g.ext)
	}
	if g.handshake == nil {
		g.secured(nil)
		return nil
	}
	err := g.encrypt(packet)
	g.secured(err)
	return err
}

func (g *gate) encrypt(packet []byte) error {
	request := append([]byte{tlsRequest, 0, 0, packet[3]}, packet[headerSize:headerSize+tlsRequest]...)
	if _, err := g.Conn.Write(request); err != nil {
		return &tlsError{err}
	}
	secure, err := g.handshake(g.Conn)
	if err != nil {
		return &tlsError{err}
	}
	state := secure.ConnectionState()
	g.Conn, g.state, g.shift = secure, &state, 1
	return nil
}

// open ends the sign-in: from now on bytes pass untouched.
func (g *gate) open() error {
	if len(g.pending) > 0 {
		return errMalformed
	}
	g.isOpen = true
	return nil
}

// readPacket reads one packet with its header.
func (g *gate) readPacket() ([]byte, error) {
	var header [headerSize]byte
	if _, err := io.ReadFull(g.Conn, header[:]); err != nil {
		return nil, err
	}
	size := int(header[0]) | int(header[1])<<8 | int(header[2])<<16
	if size == 0 || size > maxSignIn {
		return nil, errMalformed
	}
	packet := append(header[:], make([]byte, size)...)
	_, err := io.ReadFull(g.Conn, packet[headerSize:])
	return packet, err
}
