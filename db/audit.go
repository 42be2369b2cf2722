package db

import (
	"context"

	"dribble/domain"
)

// Audit adds one entry to the audit log: who did what to which thing. The log only
// grows; the database itself refuses to change it. detail must hold no secrets.
func (s *Store) Audit(ctx context.Context, p domain.Principal, action, object string, detail map[string]any) error {
	if detail == nil {
		detail = map[string]any{}
	}
	text, err := toJSON(detail)
	if err != nil {
		return err
	}
	_, err = s.write.ExecContext(ctx, `
		INSERT INTO audit_log (id, workspace_id, user_id, user_name, action, object, detail, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		newID(), p.WorkspaceID, p.UserID, p.UserName, action, object, text, now())
	return fail("write audit log", err)
}
