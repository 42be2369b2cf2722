package mysql

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// greeting is the first packet of a server.
type greeting struct {
	version string // "8.0.36", "10.11.19-MariaDB"
	caps    uint32
	ext     uint32 // MariaDB's extended capabilities
}

const (
	protocolVersion = 10
	replyError      = 0xff
)

func parseGreeting(p []byte) (greeting, error) {
	if p[0] == replyError {
		return greeting{}, parseError(p)
	}
	end := bytes.IndexByte(p, 0)
	if p[0] != protocolVersion || end < 0 {
		return greeting{}, &greetingError{errMalformed}
	}
	// MariaDB puts 5.5.5- before its version for the sake of old replicas.
	g := greeting{version: strings.TrimPrefix(string(p[1:end]), "5.5.5-")}
	const (
		lower = 4 + 8 + 1         // after connection id, scramble and filler
		upper = lower + 2 + 1 + 2 // after character set and status
		ext   = upper + 2 + 1 + 6
	)
	rest := p[end+1:]
	if len(rest) < ext+4 {
		return greeting{}, &greetingError{errMalformed}
	}
	g.caps = uint32(binary.LittleEndian.Uint16(rest[lower:])) | uint32(binary.LittleEndian.Uint16(rest[upper:]))<<16
	if g.caps&capMySQL == 0 {
		g.ext = binary.LittleEndian.Uint32(rest[ext:])
	}
	return g, nil
}

// product names the server: "MariaDB 10.11.19", "MySQL 8.0.36".
func (g greeting) product() string {
	number, _, _ := strings.Cut(g.version, "-")
	if g.isMariaDB() {
		return "MariaDB " + number
	}
	return "MySQL " + number
}

func (g greeting) isMariaDB() bool { return strings.Contains(g.version, "MariaDB") }
