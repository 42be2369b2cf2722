package db

import (
	"context"
	"database/sql"
	"errors"

	"dribble/domain"
)

// queryFrom reads queries with the text of their newest version. A deleted source
// reads as none.
const queryFrom = `
	SELECT q.id, q.workspace_id, q.name, f.name, s.id, q.is_ephemeral, q.preview_key, q.draft_sql, v.sql_content,
		q.version_count, q.created_by, q.created_at, q.updated_at, q.forked_from
	FROM queries q
	LEFT JOIN folders f ON f.id = q.folder_id
	LEFT JOIN sources s ON s.id = q.source_id AND s.deleted_at IS NULL
	LEFT JOIN query_versions v ON v.query_id = q.id AND v.version_number = q.version_count`

func scanQuery(row scanner) (domain.Query, error) {
	var q domain.Query
	err := row.Scan(&q.ID, &q.WorkspaceID, &q.Name, textIn{&q.Folder}, textIn{&q.SourceID}, &q.IsEphemeral, &q.PreviewKey,
		&q.DraftSQL, textIn{&q.SQL}, &q.VersionCount, &q.CreatedBy, timeIn{&q.CreatedAt}, timeIn{&q.UpdatedAt}, textIn{&q.ForkedFrom})
	return q, err
}

// QueryFilter narrows Queries.
type QueryFilter struct {
	Match string // part of the name, in any case; "" for all
	Limit int    // 0 for all
}

// Queries returns the saved queries, not the ephemeral ones, by name.
func (s *Store) Queries(ctx context.Context, p domain.Principal, filter QueryFilter) ([]domain.Query, error) {
	w := where{}
	w.add("q.workspace_id = ?", p.WorkspaceID)
	w.add("q.deleted_at IS NULL AND NOT q.is_ephemeral")
	if filter.Match != "" {
		w.add(`q.name_key LIKE ? ESCAPE '\'`, containing(fold(filter.Match)))
	}
	text := queryFrom + w.text() + " ORDER BY q.name_key, q.id"
	if filter.Limit > 0 {
		text += " LIMIT " + w.bind(filter.Limit)
	}
	rows, err := s.read.QueryContext(ctx, text, w.args...)
	list, err := collect(rows, err, scanQuery)
	return list, fail("read queries", err)
}

// Query returns one query, ephemeral ones too, or domain.NotFound.
func (s *Store) Query(ctx context.Context, p domain.Principal, id string) (domain.Query, error) {
	return queryByID(ctx, s.read, p, id)
}

func queryByID(ctx context.Context, q querier, p domain.Principal, id string) (domain.Query, error) {
	query, err := scanQuery(q.QueryRowContext(ctx, queryFrom+`
		WHERE q.workspace_id = $1 AND q.id = $2 AND q.deleted_at IS NULL`, p.WorkspaceID, id))
	return query, missing("read query", "query", err)
}

// EphemeralByPreview returns the user's own ephemeral query of a table preview, or
// domain.NotFound.
func (s *Store) EphemeralByPreview(ctx context.Context, p domain.Principal, previewKey string) (domain.Query, error) {
	query, err := scanQuery(s.read.QueryRowContext(ctx, queryFrom+`
		WHERE q.workspace_id = $1 AND q.created_by = $2 AND q.preview_key = $3
			AND q.deleted_at IS NULL AND q.is_ephemeral AND q.preview_key <> ''`, p.WorkspaceID, p.UserID, previewKey))
	return query, missing("read table preview", "table preview", err)
}

// CreateQuery stores a query and returns it as Query would. A non-empty SQL
// becomes version 1 with the given trigger, and the draft too if DraftSQL is empty.
// It is domain.Invalid for a bad name, text or source (with Field), and
// domain.Conflict if the user has an ephemeral query of the same PreviewKey.
func (s *Store) CreateQuery(ctx context.Context, p domain.Principal, q domain.Query, trigger string) (domain.Query, error) {
	name, err := cleanName("name", q.Name)
	if err != nil {
		return domain.Query{}, err
	}
	if err := errors.Join(checkText("sql_content", q.SQL), checkText("draft_sql", q.DraftSQL)); err != nil {
		return domain.Query{}, err
	}
	if q.DraftSQL == "" {
		q.DraftSQL = q.SQL
	}
	q.ID, q.Name = newID(), name
	var made domain.Query
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		if err := insertQuery(ctx, tx, p, q); err != nil {
			if s.dialect.isDuplicate(err) {
				return &domain.Error{Code: domain.Conflict, Op: "create query", Message: "This table preview is already open.", Err: err}
			}
			return err
		}
		if q.SQL != "" {
			if _, err := addVersion(ctx, tx, p, domain.Version{QueryID: q.ID, SQL: q.SQL, Trigger: trigger}); err != nil {
				return err
			}
		}
		made, err = queryByID(ctx, tx, p, q.ID)
		return err
	})
	return made, err
}

func insertQuery(ctx context.Context, tx *sql.Tx, p domain.Principal, q domain.Query) error {
	folder, err := folderID(ctx, tx, p, q.Folder)
	if err != nil {
		return err
	}
	if err := knownSource(ctx, tx, p, q.SourceID); err != nil {
		return err
	}
	if q.ForkedFrom != "" {
		if _, err := queryByID(ctx, tx, p, q.ForkedFrom); err != nil {
			return err
		}
	}
	at := now()
	_, err = tx.ExecContext(ctx, `
		INSERT INTO queries (id, workspace_id, name, name_key, folder_id, source_id, is_ephemeral, preview_key, draft_sql,
			version_count, forked_from, created_by, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, $12, $12)`,
		q.ID, p.WorkspaceID, q.Name, fold(q.Name), nullText(folder), nullText(q.SourceID), q.IsEphemeral, q.PreviewKey, q.DraftSQL,
		nullText(q.ForkedFrom), p.UserID, at)
	return fail("create query", err)
}

// knownSource refuses a source of another workspace or a deleted one; "" is none.
func knownSource(ctx context.Context, q querier, p domain.Principal, id string) error {
	if id == "" {
		return nil
	}
	var one int
	err := q.QueryRowContext(ctx, `
		SELECT 1 FROM sources WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL`, p.WorkspaceID, id).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return domain.FieldError("source_id", "There is no source with this id.")
	}
	return fail("look for source", err)
}

// UpdateQuery stores Name, Folder and SourceID of q and returns the query as it is
// now. An empty Folder or SourceID means none. Errors are those of CreateQuery, and
// domain.NotFound.
func (s *Store) UpdateQuery(ctx context.Context, p domain.Principal, q domain.Query) (domain.Query, error) {
	name, err := cleanName("name", q.Name)
	if err != nil {
		return domain.Query{}, err
	}
	var changed domain.Query
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		folder, err := folderID(ctx, tx, p, q.Folder)
		if err != nil {
			return err
		}
		if err := knownSource(ctx, tx, p, q.SourceID); err != nil {
			return err
		}
		r, err := tx.ExecContext(ctx, `
			UPDATE queries SET name = $3, name_key = $4, folder_id = $5, source_id = $6, updated_at = $7
			WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL`,
			p.WorkspaceID, q.ID, name, fold(name), nullText(folder), nullText(q.SourceID), now())
		if err := touched("update query", "query", r, err); err != nil {
			return err
		}
		changed, err = queryByID(ctx, tx, p, q.ID)
		return err
	})
	return changed, err
}

// RenameQuery changes a query's name alone.
func (s *Store) RenameQuery(ctx context.Context, p domain.Principal, id, name string) error {
	name, err := cleanName("name", name)
	if err != nil {
		return err
	}
	r, err := s.write.ExecContext(ctx, `
		UPDATE queries SET name = $3, name_key = $4, updated_at = $5
		WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL`, p.WorkspaceID, id, name, fold(name), now())
	return touched("rename query", "query", r, err)
}

// SaveDraft keeps what the editor holds, without a version.
func (s *Store) SaveDraft(ctx context.Context, p domain.Principal, id, text string) error {
	if err := checkText("draft_sql", text); err != nil {
		return err
	}
	r, err := s.write.ExecContext(ctx, `
		UPDATE queries SET draft_sql = $3
		WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL`, p.WorkspaceID, id, text)
	return touched("save draft", "query", r, err)
}

// DeleteQuery hides a query; UndeleteQuery brings it back with all its versions.
func (s *Store) DeleteQuery(ctx context.Context, p domain.Principal, id string) error {
	r, err := s.write.ExecContext(ctx, `
		UPDATE queries SET deleted_at = $3
		WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL`, p.WorkspaceID, id, now())
	return touched("delete query", "query", r, err)
}

// UndeleteQuery takes DeleteQuery back. It is domain.NotFound if the query is not
// deleted, and domain.Conflict if its table preview was opened anew meanwhile.
func (s *Store) UndeleteQuery(ctx context.Context, p domain.Principal, id string) error {
	r, err := s.write.ExecContext(ctx, `
		UPDATE queries SET deleted_at = NULL
		WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NOT NULL`, p.WorkspaceID, id)
	if s.dialect.isDuplicate(err) {
		return &domain.Error{Code: domain.Conflict, Op: "undelete query", Message: "This table preview is already open.", Err: err}
	}
	return touched("undelete query", "query", r, err)
}
