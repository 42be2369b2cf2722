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

// keysFresh is how long a table's key is remembered.
const keysFresh = 5 * time.Minute

//go:embed introspect/keys.sql
var keysSQL string

// keyColumns knows which columns belong to a primary key, by table OID.
type keyColumns struct {
	side *sideConns

	mu     sync.Mutex
	tables map[uint32]tableKey
}

type tableKey struct {
	columns map[uint16]bool // by attribute number
	asked   time.Time
}

func newKeyColumns(side *sideConns) *keyColumns {
	return &keyColumns{side: side, tables: map[uint32]tableKey{}}
}

// mark sets Key of the integer columns that come straight from a primary key;
// for other kinds it makes no difference. A failed look-up marks nothing.
func (k *keyColumns) mark(ctx context.Context, cols []result.Column, fields []pgconn.FieldDescription) {
	k.load(ctx, cols, fields)
	k.mu.Lock()
	defer k.mu.Unlock()
	for i, f := range fields {
		cols[i].Key = k.tables[f.TableOID].columns[f.TableAttributeNumber]
	}
}

func (k *keyColumns) load(ctx context.Context, cols []result.Column, fields []pgconn.FieldDescription) {
	now := time.Now()
	unknown := map[uint32]bool{}
	k.mu.Lock()
	for i, f := range fields {
		fromTable := f.TableOID != 0 && cols[i].Kind == result.KindInteger
		if fromTable && now.Sub(k.tables[f.TableOID].asked) > keysFresh {
			unknown[f.TableOID] = true
		}
	}
	k.mu.Unlock()
	if len(unknown) == 0 {
		return
	}
	found, err := k.ask(ctx, unknown)
	if err != nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for oid := range unknown {
		k.tables[oid] = tableKey{columns: found[oid], asked: now}
	}
}

func (k *keyColumns) ask(ctx context.Context, tables map[uint32]bool) (map[uint32]map[uint16]bool, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	oids := make([]string, 0, len(tables))
	for oid := range tables {
		oids = append(oids, strconv.FormatUint(uint64(oid), 10))
	}
	found := map[uint32]map[uint16]bool{}
	err := k.side.do(ctx, func(c *conn) error {
		return c.query(ctx, func(cells [][]byte) error {
			table, err := strconv.ParseUint(string(cells[0]), 10, 32)
			if err != nil {
				return err
			}
			number, err := strconv.ParseUint(string(cells[1]), 10, 16)
			if err != nil {
				return err
			}
			if found[uint32(table)] == nil {
				found[uint32(table)] = map[uint16]bool{}
			}
			found[uint32(table)][uint16(number)] = true
			return nil
		}, keysSQL, "{"+strings.Join(oids, ",")+"}")
	})
	return found, err
}
