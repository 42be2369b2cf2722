package db

import (
	"context"
	"database/sql"
	"errors"
)

// settingInstance holds the install's ID.
const settingInstance = "instance"

// Instance returns the install's random ID, made on first use. All servers on one
// database have the same.
func (s *Store) Instance(ctx context.Context) (string, error) {
	if _, err := s.write.ExecContext(ctx, `
		INSERT INTO settings (key, value, updated_at) VALUES ($1, $2, $3)
		ON CONFLICT (key) DO NOTHING`, settingInstance, newID(), now()); err != nil {
		return "", fail("make instance id", err)
	}
	return s.Setting(ctx, settingInstance)
}

// Setting returns the install's setting of that key, "" if it was never saved.
func (s *Store) Setting(ctx context.Context, key string) (string, error) {
	var value string
	err := s.read.QueryRowContext(ctx, "SELECT value FROM settings WHERE key = $1", key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return value, fail("read setting", err)
}

// SaveSetting sets the install's setting of that key.
func (s *Store) SaveSetting(ctx context.Context, key, value string) error {
	if err := checkText("value", value); err != nil {
		return err
	}
	_, err := s.write.ExecContext(ctx, `
		INSERT INTO settings (key, value, updated_at) VALUES ($1, $2, $3)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`, key, value, now())
	return fail("save setting", err)
}
