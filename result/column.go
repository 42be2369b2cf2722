// Package result keeps what a statement returned: its columns and its rows in
// the database's own text form. It stores them in append-only chunk files, reads
// windows of them in constant memory, and sorts and filters a stored result
// without asking the database again. It knows nothing of engines, HTTP or SQL.
package result

// Kind is the family of a column's type. It decides icon, alignment and how the
// result store compares values; the text of a cell is never changed by it.
type Kind string

// The kinds.
const (
	KindText      Kind = "text"
	KindInteger   Kind = "integer"
	KindDecimal   Kind = "decimal" // numeric, float, money
	KindBool      Kind = "bool"
	KindDate      Kind = "date"
	KindTime      Kind = "time"
	KindTimestamp Kind = "timestamp"
	KindInterval  Kind = "interval"
	KindJSON      Kind = "json"
	KindBinary    Kind = "binary"
	KindUUID      Kind = "uuid"
	KindArray     Kind = "array"
	KindOther     Kind = "other"
)

// Numeric reports whether values of the kind are numbers (right-aligned,
// compared by value).
func (k Kind) Numeric() bool { return k == KindInteger || k == KindDecimal }

// Column describes one column of a result. Names may repeat and may be empty.
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"` // the database's own short name: int8, varchar, DOUBLE
	Kind Kind   `json:"kind"`
	// Key marks a column known to be (part of) a primary or unique key of its
	// table; such integers are identifiers and are shown without grouping.
	Key bool `json:"key,omitempty"`
}
