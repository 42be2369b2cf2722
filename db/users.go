package db

import (
	"context"
	"database/sql"

	"dribble/domain"
)

// EnsureLocal returns the one local user of an install without login, an admin of
// the one local workspace, and makes both on first use.
func (s *Store) EnsureLocal(ctx context.Context) (domain.Principal, error) {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		at := now()
		// Two servers may come here at once: the unique index keeps the first.
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO users (id, name, is_local, created_at) VALUES ($1, 'Local user', TRUE, $2)
			ON CONFLICT DO NOTHING`, newID(), at); err != nil {
			return fail("make local user", err)
		}
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO workspaces (id, name, is_local, created_at) VALUES ($1, 'Workspace', TRUE, $2)
			ON CONFLICT DO NOTHING`, newID(), at); err != nil {
			return fail("make local workspace", err)
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO members (workspace_id, user_id, role, created_at)
			SELECT w.id, u.id, $1, $2 FROM workspaces w, users u WHERE w.is_local AND u.is_local
			ON CONFLICT DO NOTHING`, domain.RoleAdmin, at)
		return fail("make local member", err)
	})
	if err != nil {
		return domain.Principal{}, err
	}
	var p domain.Principal
	err = s.read.QueryRowContext(ctx, `
		SELECT m.workspace_id, m.user_id, u.name, m.role
		FROM members m JOIN users u ON u.id = m.user_id JOIN workspaces w ON w.id = m.workspace_id
		WHERE u.is_local AND w.is_local`).Scan(&p.WorkspaceID, &p.UserID, &p.UserName, &p.Role)
	return p, fail("read local user", err)
}

// Workspace returns the principal's own workspace.
func (s *Store) Workspace(ctx context.Context, p domain.Principal) (domain.Workspace, error) {
	var w domain.Workspace
	err := s.read.QueryRowContext(ctx, "SELECT id, name FROM workspaces WHERE id = $1", p.WorkspaceID).Scan(&w.ID, &w.Name)
	return w, missing("read workspace", "workspace", err)
}
