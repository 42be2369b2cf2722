package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"

	"dribble/domain"
)

// details are the connection fields of a source as they lie sealed in one column.
type details struct {
	Settings map[string]string `json:"settings"`
	Secrets  map[string]string `json:"secrets"`
}

// with returns d with the named secrets replaced, and those set to "" removed.
func (d details) with(secrets map[string]string) details {
	all := map[string]string{}
	maps.Copy(all, d.Secrets)
	maps.Copy(all, secrets)
	maps.DeleteFunc(all, func(_, v string) bool { return v == "" })
	return details{d.Settings, all}
}

func (d details) equal(other details) bool {
	return maps.Equal(d.Settings, other.Settings) && maps.Equal(d.Secrets, other.Secrets)
}

func detailsPlace(sourceID string) Place {
	return Place{Table: "sources", Row: sourceID, Field: "connection_details"}
}

func (s *Store) sealDetails(sourceID string, d details) (string, error) {
	plain, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("encode connection details: %w", err)
	}
	return s.keys.Seal(plain, detailsPlace(sourceID)), nil
}

func (s *Store) openDetails(sourceID, sealed string) (details, error) {
	plain, err := s.keys.Open(sealed, detailsPlace(sourceID))
	if err != nil {
		return details{}, fmt.Errorf("open connection details of source %s: %w", sourceID, err)
	}
	var d details
	if json.Unmarshal(plain, &d) != nil {
		return details{}, fmt.Errorf("connection details of source %s are not valid", sourceID) // a cause might show them
	}
	if d.Settings == nil {
		d.Settings = map[string]string{}
	}
	return d, nil
}

// Credentials returns all connection fields of a source, secrets included, or
// domain.NotFound. Only the code that hands them to a worker should ask.
func (s *Store) Credentials(ctx context.Context, sourceID string) (domain.Credentials, error) {
	var sealed string
	err := s.read.QueryRowContext(ctx, `
		SELECT connection_details FROM sources WHERE id = $1 AND deleted_at IS NULL`, sourceID).Scan(&sealed)
	if err != nil {
		return domain.Credentials{}, missing("read credentials", "source", err)
	}
	d, err := s.openDetails(sourceID, sealed)
	if err != nil {
		return domain.Credentials{}, err
	}
	fields := map[string]string{}
	maps.Copy(fields, d.Settings)
	maps.Copy(fields, d.Secrets)
	return domain.NewCredentials(fields), nil
}

// sealedSource is a source's sealed column.
type sealedSource struct{ id, envelope string }

func sealedSources(ctx context.Context, q querier) ([]sealedSource, error) {
	rows, err := q.QueryContext(ctx, "SELECT id, connection_details FROM sources")
	list, err := collect(rows, err, func(row scanner) (sealedSource, error) {
		var src sealedSource
		err := row.Scan(&src.id, &src.envelope)
		return src, err
	})
	return list, fail("read sealed sources", err)
}

// checkKeys refuses to start with a key file that is not the store's own, rather
// than fail on every page later.
func (s *Store) checkKeys(ctx context.Context) error {
	list, err := sealedSources(ctx, s.read)
	if err != nil {
		return err
	}
	closed := 0
	for _, src := range list {
		if !s.keys.Has(src.envelope) {
			closed++
		}
	}
	if closed == 0 {
		return nil
	}
	return &domain.Error{
		Code: domain.Invalid, Op: "db.Open",
		Message: fmt.Sprintf("The key file lacks the key that %d of %d sources were sealed with.", closed, len(list)),
		Hint:    "Restore the key file that belongs to this metadata database.",
	}
}

// Reseal seals everything anew with the first key of the key file and returns how
// many values it changed. Afterwards the other keys may leave the file. It is safe
// to repeat.
func (s *Store) Reseal(ctx context.Context) (int, error) {
	changed := 0
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		list, err := sealedSources(ctx, tx)
		if err != nil {
			return err
		}
		for _, src := range list {
			if kid, _, err := parseEnvelope(src.envelope); err == nil && kid == s.keys.current {
				continue
			}
			plain, err := s.keys.Open(src.envelope, detailsPlace(src.id))
			if err != nil {
				return fmt.Errorf("open connection details of source %s: %w", src.id, err)
			}
			// The old text in the condition keeps a change made meanwhile.
			r, err := tx.ExecContext(ctx, `
				UPDATE sources SET connection_details = $2 WHERE id = $1 AND connection_details = $3`,
				src.id, s.keys.Seal(plain, detailsPlace(src.id)), src.envelope)
			if err != nil {
				return fail("reseal source", err)
			}
			n, err := r.RowsAffected()
			if err != nil {
				return fail("reseal source", err)
			}
			changed += int(n)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	s.log.InfoContext(ctx, "resealed secrets", slog.Int("values", changed))
	return changed, nil
}
