package mysql

import "encoding/binary"

// Column types of the protocol.
const (
	typeDecimal    = 0
	typeTiny       = 1
	typeShort      = 2
	typeLong       = 3
	typeFloat      = 4
	typeDouble     = 5
	typeNull       = 6
	typeTimestamp  = 7
	typeLongLong   = 8
	typeInt24      = 9
	typeDate       = 10
	typeTime       = 11
	typeDateTime   = 12
	typeYear       = 13
	typeNewDate    = 14
	typeVarChar    = 15
	typeBit        = 16
	typeTimestamp2 = 17
	typeDateTime2  = 18
	typeTime2      = 19
	typeVector     = 242
	typeJSON       = 245
	typeNewDecimal = 246
	typeEnum       = 247
	typeSet        = 248
	typeTinyBlob   = 249
	typeMediumBlob = 250
	typeLongBlob   = 251
	typeBlob       = 252
	typeVarString  = 253
	typeString     = 254
	typeGeometry   = 255
)

// Flags of a column.
const (
	flagPrimaryKey = 1 << 1
	flagUniqueKey  = 1 << 2
	flagUnsigned   = 1 << 5
	flagEnum       = 1 << 8
	flagSet        = 1 << 11
)

const charsetBinary = 63

// definition is what the server says of a result's column.
type definition struct {
	name     string
	kind     byte
	flags    uint16
	charset  uint16
	length   uint32 // bytes at most
	extended string // MariaDB's own type name where the protocol has none: "uuid"
	format   string // MariaDB: "json" for its JSON columns
}

// maxColumns bounds a result. MySQL stops at 4096 columns, MariaDB nowhere.
const (
	maxColumns    = 1 << 14
	absurdColumns = 1 << 20 // no server means that
)

// columnCount reads a result's first message.
func (w *wire) columnCount(head []byte) (uint64, error) {
	n, width := number(head)
	if width == 0 || n == 0 || n > absurdColumns {
		return 0, w.fail(errMalformed)
	}
	return n, nil
}

// definitions reads the definitions of n columns; it keeps those of the first
// maxColumns only.
func (w *wire) definitions(n uint64) ([]definition, error) {
	defs := make([]definition, min(n, maxColumns))
	for i := range n {
		p, err := w.message()
		if err != nil {
			return nil, err
		}
		if i < maxColumns && !defs[i].parse(p, w.ext&extMetadata != 0) {
			return nil, w.fail(errMalformed)
		}
	}
	if w.caps&capDeprecateEOF == 0 {
		if _, err := w.message(); err != nil {
			return nil, err
		}
	}
	return defs, nil
}

// parse reads one definition and reports whether it was whole.
func (d *definition) parse(p []byte, hasExtended bool) bool {
	var ok bool
	var s []byte
	// Catalogue, schema, table, table without alias, name, name without alias.
	for i := range 6 {
		if s, p, ok = text(p); !ok {
			return false
		}
		if i == 4 {
			d.name = string(s)
		}
	}
	if hasExtended {
		if s, p, ok = text(p); !ok || !d.parseExtended(s) {
			return false
		}
	}
	const fixed = 1 + 2 + 4 + 1 + 2
	if len(p) < fixed {
		return false
	}
	p = p[1:]
	d.charset = binary.LittleEndian.Uint16(p)
	d.length = binary.LittleEndian.Uint32(p[2:])
	d.kind = p[6]
	d.flags = binary.LittleEndian.Uint16(p[7:])
	return true
}

// parseExtended reads MariaDB's pairs of what and text.
func (d *definition) parseExtended(p []byte) bool {
	const typeName, formatName = 0, 1
	for len(p) > 0 {
		what := p[0]
		s, rest, ok := text(p[1:])
		if !ok {
			return false
		}
		switch what {
		case typeName:
			d.extended = string(s)
		case formatName:
			d.format = string(s)
		}
		p = rest
	}
	return true
}
