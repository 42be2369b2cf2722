package db

import (
	"context"
	"database/sql"

	"dribble/domain"
)

// folderID returns the ID of the workspace's folder of that name, in any case, and
// makes it if needed. "" is no folder.
func folderID(ctx context.Context, tx *sql.Tx, p domain.Principal, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	name, err := cleanName("folder", name)
	if err != nil {
		return "", err
	}
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO folders (id, workspace_id, name, name_key, created_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (workspace_id, name_key) DO NOTHING`, newID(), p.WorkspaceID, name, fold(name), now()); err != nil {
		return "", fail("make folder", err)
	}
	var id string
	err = tx.QueryRowContext(ctx, `
		SELECT id FROM folders WHERE workspace_id = $1 AND name_key = $2`, p.WorkspaceID, fold(name)).Scan(&id)
	return id, fail("find folder", err)
}
