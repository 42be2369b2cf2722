package db

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"time"

	"dribble/domain"
)

// tokenPrefix lets people and secret scanners recognise a token.
const tokenPrefix = "drb_"

// Token is an API token as its owner sees it afterwards.
type Token struct {
	ID         string
	Name       string
	CreatedAt  time.Time
	ExpiresAt  time.Time // zero = never
	LastUsedAt time.Time // to the minute; zero = never
}

// CreateToken makes an API token with the user's own rights in the workspace and
// returns its plain text, which is not stored and cannot be had again. A zero
// expires means never; one in the past is domain.Invalid.
func (s *Store) CreateToken(ctx context.Context, p domain.Principal, name string, expires time.Time) (string, error) {
	name, err := cleanName("name", name)
	if err != nil {
		return "", err
	}
	at := now()
	if !expires.IsZero() && !expires.After(at) {
		return "", domain.FieldError("expires", "The expiry must lie in the future.")
	}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	plain := tokenPrefix + base64.RawURLEncoding.EncodeToString(secret)
	_, err = s.write.ExecContext(ctx, `
		INSERT INTO api_tokens (id, workspace_id, user_id, name, hash, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, newID(), p.WorkspaceID, p.UserID, name, tokenHash(plain), at, orNull(expires))
	if err != nil {
		return "", fail("create token", err)
	}
	return plain, nil
}

// tokenHash needs no salt: a token is 256 random bits.
func tokenHash(plain string) string {
	sum := sha256.Sum256([]byte(plain))
	return hex.EncodeToString(sum[:])
}

// PrincipalByToken returns whose token it is, with the role the user has now. An
// unknown, expired or deleted token is domain.Unauthenticated; all of them take the
// same work.
func (s *Store) PrincipalByToken(ctx context.Context, plain string) (domain.Principal, error) {
	var p domain.Principal
	var id string
	var expires, used time.Time
	at := now()
	err := s.read.QueryRowContext(ctx, `
		SELECT t.id, t.workspace_id, t.user_id, u.name, m.role, t.expires_at, t.last_used_at
		FROM api_tokens t
		JOIN members m ON m.workspace_id = t.workspace_id AND m.user_id = t.user_id
		JOIN users u ON u.id = t.user_id
		WHERE t.hash = $1`, tokenHash(plain)).
		Scan(&id, &p.WorkspaceID, &p.UserID, &p.UserName, &p.Role, timeIn{&expires}, timeIn{&used})
	if errors.Is(err, sql.ErrNoRows) || err == nil && !expires.IsZero() && !expires.After(at) {
		return domain.Principal{}, &domain.Error{
			Code: domain.Unauthenticated, Op: "read token",
			Message: "The API token is not valid.", Hint: "Make a new one with: dribble token create",
		}
	}
	if err != nil {
		return domain.Principal{}, fail("read token", err)
	}
	if at.Sub(used) < time.Minute {
		return p, nil
	}
	_, err = s.write.ExecContext(ctx, "UPDATE api_tokens SET last_used_at = $2 WHERE id = $1", id, at)
	return p, fail("note use of token", err)
}

// Tokens returns the user's own tokens in the workspace, newest first.
func (s *Store) Tokens(ctx context.Context, p domain.Principal) ([]Token, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT id, name, created_at, expires_at, last_used_at FROM api_tokens
		WHERE workspace_id = $1 AND user_id = $2 ORDER BY created_at DESC, id DESC`, p.WorkspaceID, p.UserID)
	list, err := collect(rows, err, func(row scanner) (Token, error) {
		var t Token
		err := row.Scan(&t.ID, &t.Name, timeIn{&t.CreatedAt}, timeIn{&t.ExpiresAt}, timeIn{&t.LastUsedAt})
		return t, err
	})
	return list, fail("read tokens", err)
}

// DeleteToken ends one of the user's own tokens at once, or is domain.NotFound.
func (s *Store) DeleteToken(ctx context.Context, p domain.Principal, id string) error {
	r, err := s.write.ExecContext(ctx, `
		DELETE FROM api_tokens WHERE id = $1 AND workspace_id = $2 AND user_id = $3`, id, p.WorkspaceID, p.UserID)
	return touched("delete token", "token", r, err)
}
