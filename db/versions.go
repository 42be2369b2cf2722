package db

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"dribble/domain"
)

const versionFrom = `
	SELECT v.id, v.query_id, v.version_number, v.sql_content, v.message, v.trigger, v.created_by, u.name, v.created_at
	FROM query_versions v JOIN queries q ON q.id = v.query_id JOIN users u ON u.id = v.created_by`

func scanVersion(row scanner) (domain.Version, error) {
	var v domain.Version
	err := row.Scan(&v.ID, &v.QueryID, &v.Number, &v.SQL, &v.Message, &v.Trigger, &v.CreatedBy, &v.Author, timeIn{&v.CreatedAt})
	return v, err
}

// Versions returns a query's versions, newest first, or domain.NotFound.
func (s *Store) Versions(ctx context.Context, p domain.Principal, queryID string) ([]domain.Version, error) {
	if _, err := s.Query(ctx, p, queryID); err != nil {
		return nil, err
	}
	rows, err := s.read.QueryContext(ctx, versionFrom+`
		WHERE v.query_id = $1 AND q.workspace_id = $2 ORDER BY v.version_number DESC`, queryID, p.WorkspaceID)
	list, err := collect(rows, err, scanVersion)
	return list, fail("read versions", err)
}

// Version returns one version by its number, or domain.NotFound.
func (s *Store) Version(ctx context.Context, p domain.Principal, queryID string, number int) (domain.Version, error) {
	v, err := scanVersion(s.read.QueryRowContext(ctx, versionFrom+`
		WHERE v.query_id = $1 AND v.version_number = $2 AND q.workspace_id = $3 AND q.deleted_at IS NULL`,
		queryID, number, p.WorkspaceID))
	return v, missing("read version", "version", err)
}

// SaveVersion saves text as a query's next version and makes an ephemeral query
// a saved one. The draft becomes text too. If the newest version has the same
// text, but for white space round it, that version is returned and created is
// false. It is domain.NotFound without the query.
func (s *Store) SaveVersion(ctx context.Context, p domain.Principal, queryID, text, trigger, message string) (v domain.Version, created bool, err error) {
	if err := errors.Join(checkText("sql_content", text), checkText("message", message)); err != nil {
		return domain.Version{}, false, err
	}
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		if err := lockQuery(ctx, tx, p, queryID); err != nil {
			return err
		}
		wanted := domain.Version{QueryID: queryID, SQL: text, Trigger: trigger, Message: message}
		if v, created, err = nextVersion(ctx, tx, p, wanted); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			UPDATE queries SET is_ephemeral = FALSE, preview_key = '', draft_sql = $2 WHERE id = $1`, queryID, text)
		return fail("save query", err)
	})
	if err != nil {
		return domain.Version{}, false, err
	}
	return v, created, nil
}

// lockQuery holds the query's row, so that version numbers are handed out one
// after the other.
func lockQuery(ctx context.Context, tx *sql.Tx, p domain.Principal, id string) error {
	return lockRow(ctx, tx, "query", `
		UPDATE queries SET version_count = version_count
		WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL`, p.WorkspaceID, id)
}

// newestVersion returns a query's newest version; ok is false if it has none.
func newestVersion(ctx context.Context, tx *sql.Tx, queryID string) (v domain.Version, ok bool, err error) {
	v, err = scanVersion(tx.QueryRowContext(ctx, versionFrom+`
		WHERE v.query_id = $1 AND v.version_number = q.version_count`, queryID))
	if errors.Is(err, sql.ErrNoRows) {
		return domain.Version{}, false, nil
	}
	return v, err == nil, fail("read newest version", err)
}

// nextVersion adds v unless the newest version has its text already. The caller
// holds the query's row.
func nextVersion(ctx context.Context, tx *sql.Tx, p domain.Principal, v domain.Version) (domain.Version, bool, error) {
	newest, ok, err := newestVersion(ctx, tx, v.QueryID)
	if err != nil {
		return domain.Version{}, false, err
	}
	if ok && sameText(newest.SQL, v.SQL) {
		return newest, false, nil
	}
	v, err = addVersion(ctx, tx, p, v)
	return v, err == nil, err
}

func sameText(a, b string) bool { return strings.TrimSpace(a) == strings.TrimSpace(b) }

// addVersion adds v with the next number. The caller holds the query's row.
func addVersion(ctx context.Context, tx *sql.Tx, p domain.Principal, v domain.Version) (domain.Version, error) {
	v.ID, v.CreatedBy, v.Author, v.CreatedAt = newID(), p.UserID, p.UserName, now()
	err := tx.QueryRowContext(ctx, `
		UPDATE queries SET version_count = version_count + 1, updated_at = $2
		WHERE id = $1 RETURNING version_count`, v.QueryID, v.CreatedAt).Scan(&v.Number)
	if err != nil {
		return domain.Version{}, missing("number version", "query", err)
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO query_versions (id, query_id, version_number, sql_content, message, trigger, created_by, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		v.ID, v.QueryID, v.Number, v.SQL, v.Message, v.Trigger, v.CreatedBy, v.CreatedAt)
	return v, fail("save version", err)
}
