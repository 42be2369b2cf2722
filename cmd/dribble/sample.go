package main

import (
	"context"
	"database/sql"
	_ "embed" // the sample's schema
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // writes the sample
)

//go:embed sample_schema.sql
var sampleSchema string

//go:embed sample_indexes.sql
var sampleIndexes string

// makeSample writes the Roastery sample, a SQLite database, to path. An older
// one is replaced in one step, so no reader ever sees half a database. The rows
// are the same each time but for their dates, which end now.
func makeSample(ctx context.Context, path string) error {
	return makeSampleAt(ctx, path, time.Now().UTC())
}

func makeSampleAt(ctx context.Context, path string, now time.Time) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".sample-*.db")
	if err != nil {
		return fmt.Errorf("make the sample: %w", err)
	}
	defer func() {
		if removed := os.Remove(file.Name()); err == nil && removed != nil && !errors.Is(removed, fs.ErrNotExist) {
			err = fmt.Errorf("tidy up after the sample: %w", removed)
		}
	}()
	if err := file.Close(); err != nil {
		return fmt.Errorf("make the sample: %w", err)
	}
	if err := fillSample(ctx, file.Name(), now); err != nil {
		return fmt.Errorf("fill the sample: %w", err)
	}
	if err := syncFile(file.Name()); err != nil {
		return fmt.Errorf("store the sample: %w", err)
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return fmt.Errorf("put the sample in place: %w", err)
	}
	return nil
}

// fillSample writes without a journal: a half-written file is thrown away.
func fillSample(ctx context.Context, path string, now time.Time) (err error) {
	dsn := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: "_pragma=journal_mode(off)&_pragma=synchronous(off)" +
		"&_pragma=locking_mode(exclusive)&_pragma=cache_size(-4096)"}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, sampleSchema); err != nil {
		return fmt.Errorf("make the tables: %w", err)
	}
	for _, t := range newRoastery(now).tables() {
		if err := insertSample(ctx, tx, t); err != nil {
			return fmt.Errorf("insert into %s: %w", t.name, err)
		}
	}
	if _, err := tx.ExecContext(ctx, sampleIndexes); err != nil {
		return fmt.Errorf("make the indexes: %w", err)
	}
	return tx.Commit()
}

// sampleTable is one table's rows, flat: width values a row.
type sampleTable struct {
	name   string
	width  int
	values []any
}

// insertSample inserts many rows a statement, which is twice as fast as one.
func insertSample(ctx context.Context, tx *sql.Tx, t sampleTable) error {
	const rowsAtOnce = 64
	row := "(?" + strings.Repeat(",?", t.width-1) + ")"
	text := "INSERT INTO " + t.name + " VALUES " + row
	many, err := tx.PrepareContext(ctx, text+strings.Repeat(","+row, rowsAtOnce-1))
	if err != nil {
		return err
	}
	defer func() { _ = many.Close() }()
	one, err := tx.PrepareContext(ctx, text)
	if err != nil {
		return err
	}
	defer func() { _ = one.Close() }()
	for rest := t.values; len(rest) > 0; {
		stmt, n := one, t.width
		if len(rest) >= rowsAtOnce*t.width {
			stmt, n = many, rowsAtOnce*t.width
		}
		if _, err := stmt.ExecContext(ctx, rest[:n]...); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

func syncFile(path string) (err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return f.Sync()
}
