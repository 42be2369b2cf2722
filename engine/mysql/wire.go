package mysql

import (
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"
)

// Commands of the protocol.
const (
	comQuery = 3
	comPing  = 14
	comReset = 31
)

// Bits of the server's status.
const (
	statusMoreResults     = 1 << 3
	statusNoEscapes       = 1 << 9
	statusInTransReadOnly = 1 << 13
)

// wire is one signed-in connection speaking the text protocol. Not safe for
// concurrent use, save close.
type wire struct {
	conn   net.Conn
	signed driver.Conn // holds the driver's side; its Close says goodbye
	in     packetReader
	out    []byte
	hex    []byte // text of one row's binary cells
	hello  greeting
	caps   uint32
	ext    uint32
	status uint16 // as the server told last
	clean  identity
	// isBroken means that the stream's state is unknown: nothing may be sent.
	isBroken bool
	isUsed   bool // by statements of a person since the last reset
}

// newWire takes over conn, over which the driver has signed in.
func newWire(g *gate, signed driver.Conn) *wire {
	return &wire{
		conn: g, signed: signed, hello: g.hello, caps: g.caps, ext: g.ext,
		in: packetReader{src: g, buf: make([]byte, readBuffer)},
	}
}

// send starts a command.
func (w *wire) send(command byte, body string) error {
	if w.isBroken {
		return net.ErrClosed
	}
	w.in.seq = 0
	left := append(w.out[:0], command)
	left = append(left, body...)
	w.out = left
	if cap(w.out) > keepLong {
		w.out = nil
	}
	for {
		n := min(len(left), maxPayload)
		head := []byte{byte(n), byte(n >> 8), byte(n >> 16), w.in.seq}
		w.in.seq++
		buffers := net.Buffers{head, left[:n]}
		if _, err := buffers.WriteTo(w.conn); err != nil {
			return w.fail(err)
		}
		if left = left[n:]; n < maxPayload {
			return nil
		}
	}
}

// fail marks the connection unusable and returns err.
func (w *wire) fail(err error) error {
	w.isBroken = true
	return err
}

// receive reads the next message; see packetReader.next for limit. An error
// message of the server is returned as *serverError.
func (w *wire) receive(limit int) ([]byte, error) {
	p, err := w.in.next(limit)
	if err != nil {
		var long *tooLongError
		if errors.As(err, &long) {
			return nil, err
		}
		return nil, w.fail(err)
	}
	if len(p) == 0 {
		return nil, w.fail(errMalformed)
	}
	if p[0] != replyError {
		return p, nil
	}
	err = parseError(p)
	var said *serverError
	if !errors.As(err, &said) {
		return nil, w.fail(err)
	}
	return nil, err
}

// message reads a message that is no row, and so cannot be long.
func (w *wire) message() ([]byte, error) {
	const most = 1 << 20
	p, err := w.receive(most)
	var long *tooLongError
	if errors.As(err, &long) {
		return nil, w.fail(err)
	}
	return p, err
}

// simple runs a command that answers with OK.
func (w *wire) simple(command byte, within time.Duration) error {
	if err := w.conn.SetDeadline(time.Now().Add(within)); err != nil {
		return w.fail(err)
	}
	if err := w.send(command, ""); err != nil {
		return err
	}
	p, err := w.message()
	if err != nil {
		return err
	}
	if _, err := w.done(p); err != nil {
		return err
	}
	if err := w.conn.SetDeadline(time.Time{}); err != nil {
		return w.fail(err)
	}
	return nil
}

// done is what the server says at the end of a result.
type done struct {
	affected int64
	warnings int
	info     string // "Rows matched: 1  Changed: 1  Warnings: 0"
	isMore   bool   // another result follows
}

// done reads an OK message, or an EOF message of an old server.
func (w *wire) done(p []byte) (done, error) {
	const eof = 0xfe
	if p[0] == eof && w.caps&capDeprecateEOF == 0 {
		if len(p) < 5 {
			return done{}, w.fail(errMalformed)
		}
		w.status = binary.LittleEndian.Uint16(p[3:])
		return done{affected: -1, warnings: int(binary.LittleEndian.Uint16(p[1:])), isMore: w.isMore()}, nil
	}
	affected, n := number(p[1:])
	_, m := number(p[1+n:])
	rest := p[min(len(p), 1+n+m):]
	if n == 0 || m == 0 || len(rest) < 4 {
		return done{}, w.fail(errMalformed)
	}
	w.status = binary.LittleEndian.Uint16(rest)
	return done{
		affected: int64(affected), warnings: int(binary.LittleEndian.Uint16(rest[2:])),
		info: infoText(rest[4:]), isMore: w.isMore(),
	}, nil
}

func (w *wire) isMore() bool { return w.status&statusMoreResults != 0 }

// infoText reads an OK message's human text, which some servers write bare and
// others with its length before it.
func infoText(p []byte) string {
	if s, rest, ok := text(p); ok && len(rest) == 0 {
		return string(s)
	}
	return string(p)
}

// ping proves that the server answers.
func (w *wire) ping(within time.Duration) error { return w.simple(comPing, within) }

// close says goodbye, without waiting, and closes the connection. It may be
// called while another goroutine reads.
func (w *wire) close() {
	_ = w.conn.SetDeadline(time.Now().Add(time.Second))
	_ = w.signed.Close()
}

// identity is the part of a session's state that a reset does not put back by
// itself on every server.
type identity struct{ id, database, role string }

// setUp makes a new or reset session ours and remembers what a clean one is.
func (w *wire) setUp() error {
	who, err := w.identify()
	w.clean = who
	return err
}

func (w *wire) identify() (identity, error) {
	if _, err := w.records("SET NAMES utf8mb4"); err != nil {
		return identity{}, err
	}
	rows, err := w.records("SELECT CONNECTION_ID(), DATABASE(), CURRENT_ROLE()")
	if err != nil {
		return identity{}, err
	}
	if len(rows) != 1 || len(rows[0]) != 3 {
		return identity{}, fmt.Errorf("identify the session: %w", errMalformed)
	}
	r := slices.Clone(rows[0])
	return identity{id: r[0].text, database: r[1].text, role: r[2].text}, nil
}

// reset puts the session back to the state of a new one: open transactions,
// temporary tables, variables, locks. If that cannot be proven, the connection
// is broken.
func (w *wire) reset() error {
	const within = 5 * time.Second
	if err := w.simple(comReset, within); err != nil {
		return w.fail(err)
	}
	if err := w.conn.SetDeadline(time.Now().Add(within)); err != nil {
		return w.fail(err)
	}
	who, err := w.identify()
	if err != nil {
		return w.fail(err)
	}
	if who != w.clean {
		return w.fail(fmt.Errorf("the session is in database %q with role %q and cannot go back", who.database, who.role))
	}
	if err := w.conn.SetDeadline(time.Time{}); err != nil {
		return w.fail(err)
	}
	w.isUsed = false
	return nil
}
