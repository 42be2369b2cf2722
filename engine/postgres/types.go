package postgres

import (
	"context"
	_ "embed"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"dribble/result"
)

// lookupTimeout bounds a question about types or keys; the rows wait for it.
const lookupTimeout = 2 * time.Second

//go:embed introspect/types.sql
var typesSQL string

// typeName is what a result column says of its type.
type typeName struct {
	name string
	kind result.Kind
}

// typeNames knows the short names of types by OID. The built-in ones it knows by
// itself, others it asks for once.
type typeNames struct {
	side    *sideConns
	builtin map[uint32]typeName

	mu    sync.Mutex
	known map[uint32]typeName
}

func newTypeNames(side *sideConns) *typeNames {
	return &typeNames{side: side, builtin: builtinTypes(), known: map[uint32]typeName{}}
}

// columns describes a result's columns.
func (db *database) columns(ctx context.Context, fields []pgconn.FieldDescription) []result.Column {
	names := db.types.find(ctx, fields)
	cols := make([]result.Column, len(fields))
	for i, f := range fields {
		t, ok := names[f.DataTypeOID]
		if !ok {
			t = typeName{"oid " + strconv.FormatUint(uint64(f.DataTypeOID), 10), result.KindOther}
		}
		cols[i] = result.Column{Name: f.Name, Type: t.name, Kind: t.kind}
	}
	db.keys.mark(ctx, cols, fields)
	return cols
}

// find returns the names of all fields' types. A type that cannot be found, for
// example one made in the user's own open transaction, is left out.
func (t *typeNames) find(ctx context.Context, fields []pgconn.FieldDescription) map[uint32]typeName {
	names := make(map[uint32]typeName, len(fields))
	var unknown []string
	t.mu.Lock()
	for _, f := range fields {
		if _, done := names[f.DataTypeOID]; done {
			continue
		}
		if n, ok := t.builtin[f.DataTypeOID]; ok {
			names[f.DataTypeOID] = n
		} else if n, ok := t.known[f.DataTypeOID]; ok {
			names[f.DataTypeOID] = n
		} else {
			unknown = append(unknown, strconv.FormatUint(uint64(f.DataTypeOID), 10))
		}
	}
	t.mu.Unlock()
	if len(unknown) == 0 {
		return names
	}
	// A failed look-up costs the columns their type's name, nothing more.
	found, _ := t.ask(ctx, unknown)
	t.mu.Lock()
	defer t.mu.Unlock()
	for oid, n := range found {
		t.known[oid] = n
		names[oid] = n
	}
	return names
}

func (t *typeNames) ask(ctx context.Context, oids []string) (map[uint32]typeName, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	found := make(map[uint32]typeName, len(oids))
	err := t.side.do(ctx, func(c *conn) error {
		return c.query(ctx, func(cells [][]byte) error {
			oid, err := strconv.ParseUint(string(cells[0]), 10, 32)
			if err != nil {
				return err
			}
			found[uint32(oid)] = typeName{string(cells[1]), kindOf(string(cells[2]), string(cells[3]))}
			return nil
		}, typesSQL, "{"+strings.Join(oids, ",")+"}")
	})
	return found, err
}

// kindOf sorts a type by its name and its category in pg_type (A array, B bool,
// D date or time, E enum, N number, S string, T interval).
func kindOf(name, category string) result.Kind {
	switch name {
	case "int2", "int4", "int8", "oid", "xid", "xid8", "cid":
		return result.KindInteger
	case "date":
		return result.KindDate
	case "time", "timetz":
		return result.KindTime
	case "timestamp", "timestamptz":
		return result.KindTimestamp
	case "json", "jsonb":
		return result.KindJSON
	case "bytea":
		return result.KindBinary
	case "uuid":
		return result.KindUUID
	case "xml":
		return result.KindText
	}
	switch category {
	case "A":
		return result.KindArray
	case "B":
		return result.KindBool
	case "N":
		if strings.HasPrefix(name, "reg") {
			return result.KindText
		}
		return result.KindDecimal
	case "E", "S":
		return result.KindText
	case "T":
		return result.KindInterval
	default:
		return result.KindOther
	}
}
