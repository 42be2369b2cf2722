package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"dribble/internal/testenv/service"
)

// database is the PostgreSQL that is measured against.
type database struct{ host, port, user, password, name string }

// findDatabase reads what the test environment has started.
func findDatabase() (database, error) {
	address := os.Getenv(service.KindPostgres.Variable())
	if address == "" {
		return database{}, errors.New("no PostgreSQL: run this by make bench")
	}
	server, err := service.Parse(service.KindPostgres, address)
	if err != nil {
		return database{}, err
	}
	return database{
		host: server.Host, port: strconv.Itoa(server.Port), user: server.User, password: server.Password, name: server.Database,
	}, nil
}

// The data of every measurement: 1,000,000 rows of ten columns of all common
// kinds, and 20,000 rows of a hundred columns. Both are made from row numbers
// alone, so every machine measures the same bytes.
const seedBig = `CREATE TABLE IF NOT EXISTS big AS SELECT
 i::int AS id, (i * 7919::bigint) % 1000003 AS account, ((i * 31) % 1000000)::numeric / 100 AS amount,
 'customer ' || (i * 17) % 5000 AS customer, md5(i::text) AS token,
 timestamptz '2026-01-01 00:00:00+00' + (i || ' seconds')::interval AS placed_at, i % 3 = 0 AS is_repeat,
 jsonb_build_object('channel', (ARRAY['web','app','store'])[1 + i % 3], 'n', i % 100) AS meta,
 CASE WHEN i % 10 = 0 THEN 'note ' || i END AS note, (i * 0.37)::float8 AS score
FROM generate_series(1, 1000000) i`

func (d database) seed(ctx context.Context) error {
	var wide strings.Builder
	wide.WriteString("CREATE TABLE IF NOT EXISTS wide AS SELECT ")
	for c := range 100 {
		if c > 0 {
			wide.WriteString(", ")
		}
		fmt.Fprintf(&wide, "(i * %d) %% 1000003 AS c%d", c+3, c)
	}
	wide.WriteString(" FROM generate_series(1, 20000) i")
	for _, sql := range []string{seedBig, wide.String(), "VACUUM ANALYZE big", "VACUUM ANALYZE wide", "SELECT count(*) FROM big"} {
		if err := d.psql(ctx, sql, nil); err != nil {
			return err
		}
	}
	return nil
}

// psql runs one command and throws its output away.
func (d database) psql(ctx context.Context, sql string, took *time.Duration) error {
	cmd := exec.CommandContext(ctx, "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql)
	cmd.Env = append(os.Environ(), "PGHOST="+d.host, "PGPORT="+d.port, "PGUSER="+d.user, "PGPASSWORD="+d.password, "PGDATABASE="+d.name)
	var problem strings.Builder
	cmd.Stderr = &problem
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("psql: %w: %s", err, problem.String())
	}
	if took != nil {
		*took = time.Since(start)
	}
	return nil
}

// floor copies all of big out of the database in binary, the fastest way there is.
func (d database) floor(ctx context.Context) (time.Duration, error) {
	var took time.Duration
	err := d.psql(ctx, "COPY big TO STDOUT (FORMAT binary)", &took)
	return took, err
}
