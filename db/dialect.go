package db

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// dialect is all in which PostgreSQL and SQLite differ here.
type dialect interface {
	goose() goose.Dialect
	// lock and unlock are statements that make servers migrate one after the
	// other; empty if only one can have the database open.
	lock() string
	unlock() string
	// guard holds statements, safe to repeat, that make audit_log refuse change.
	guard() []string
	// guarded counts the triggers that guard made.
	guarded() string
	// unguard removes what guard made.
	unguard() []string
	// isDuplicate reports a violated unique index.
	isDuplicate(err error) bool
}

type sqliteDialect struct{}

func (sqliteDialect) goose() goose.Dialect { return goose.DialectSQLite3 }
func (sqliteDialect) lock() string         { return "" }
func (sqliteDialect) unlock() string       { return "" }

func (sqliteDialect) guard() []string {
	return []string{
		`CREATE TRIGGER IF NOT EXISTS audit_log_no_update BEFORE UPDATE ON audit_log
		BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END`,
		`CREATE TRIGGER IF NOT EXISTS audit_log_no_delete BEFORE DELETE ON audit_log
		BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END`,
	}
}

func (sqliteDialect) guarded() string {
	return `SELECT COUNT(*) FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit_log'`
}

func (sqliteDialect) unguard() []string {
	return []string{
		"DROP TRIGGER IF EXISTS audit_log_no_update",
		"DROP TRIGGER IF EXISTS audit_log_no_delete",
	}
}

func (sqliteDialect) isDuplicate(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) &&
		(e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

type postgresDialect struct{}

func (postgresDialect) goose() goose.Dialect { return goose.DialectPostgres }
func (postgresDialect) lock() string         { return "SELECT pg_advisory_lock(7305804387114803570)" }
func (postgresDialect) unlock() string       { return "SELECT pg_advisory_unlock(7305804387114803570)" }

func (postgresDialect) guard() []string {
	return []string{
		`CREATE OR REPLACE FUNCTION audit_log_refuse() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN RAISE EXCEPTION 'audit_log is append-only'; END $$`,
		`CREATE OR REPLACE TRIGGER audit_log_no_change BEFORE UPDATE OR DELETE ON audit_log
		FOR EACH ROW EXECUTE FUNCTION audit_log_refuse()`,
		`CREATE OR REPLACE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log
		FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuse()`,
	}
}

func (postgresDialect) guarded() string {
	return `SELECT COUNT(*) FROM pg_trigger WHERE tgrelid = 'audit_log'::regclass AND NOT tgisinternal`
}

func (postgresDialect) unguard() []string {
	return []string{"DROP FUNCTION IF EXISTS audit_log_refuse() CASCADE"}
}

func (postgresDialect) isDuplicate(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == "23505"
}
