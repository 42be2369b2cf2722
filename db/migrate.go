package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/pressly/goose/v3"

	"dribble/domain"
	"dribble/migrations"
)

// Direction is what Migrate does to the schema.
type Direction string

// The directions.
const (
	MigrateUp     Direction = "up"     // apply all that is pending
	MigrateDown   Direction = "down"   // take the newest one back; its tables are lost
	MigrateStatus Direction = "status" // change nothing
)

// Migration is one step of the schema.
type Migration struct {
	Version   int64
	Name      string
	AppliedAt time.Time // zero if pending
}

// Migrate changes the schema of the database that o names and returns all steps
// as they stand afterwards, oldest first. It is domain.Conflict while a server has
// the SQLite file open.
func Migrate(ctx context.Context, o Options, d Direction) (steps []Migration, err error) {
	s, err := connect(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	switch d {
	case MigrateUp:
		err = s.up(ctx)
	case MigrateDown:
		err = s.down(ctx)
	case MigrateStatus:
	default:
		err = domain.Errorf(domain.Invalid, "There is no migration direction %q. Use up, down or status.", d)
	}
	if err != nil {
		return nil, err
	}
	return s.migrations(ctx)
}

// up applies what is pending. It refuses a schema newer than the program.
func (s *Store) up(ctx context.Context) error {
	return s.alone(ctx, func(p *goose.Provider) error {
		if err := s.known(ctx, p); err != nil {
			return err
		}
		pending, err := p.HasPending(ctx)
		if err != nil {
			return fail("read schema version", err)
		}
		if pending && s.kind == KindSQLite && s.lock == nil {
			return domain.Errorf(domain.Conflict, "The metadata file is from an older version and a server has it open. Restart that server first.")
		}
		applied, err := p.Up(ctx)
		if err != nil {
			return fail("migrate", err)
		}
		for _, m := range applied {
			s.log.InfoContext(ctx, "applied migration", slog.Int64("version", m.Source.Version), slog.Duration("took", m.Duration))
		}
		return s.guardAudit(ctx)
	})
}

func (s *Store) down(ctx context.Context) error {
	return s.alone(ctx, func(p *goose.Provider) error {
		if err := s.known(ctx, p); err != nil {
			return err
		}
		for _, statement := range s.dialect.unguard() {
			if _, err := s.write.ExecContext(ctx, statement); err != nil {
				return fail("open audit log", err)
			}
		}
		if _, err := p.Down(ctx); err != nil && !errors.Is(err, goose.ErrNoNextVersion) {
			return fail("migrate back", err)
		}
		return s.guardAudit(ctx)
	})
}

// guardAudit makes audit_log append-only, if it is there.
func (s *Store) guardAudit(ctx context.Context) error {
	var n int
	if err := s.write.QueryRowContext(ctx, "SELECT COUNT(*) FROM audit_log WHERE id = ''").Scan(&n); err != nil {
		return nil //nolint:nilerr // migrated back to before the table
	}
	statements := s.dialect.guard()
	if err := s.write.QueryRowContext(ctx, s.dialect.guarded()).Scan(&n); err != nil {
		return fail("check audit log", err)
	}
	if n >= 2 {
		return nil
	}
	for _, statement := range statements {
		if _, err := s.write.ExecContext(ctx, statement); err != nil {
			return fail("guard audit log", err)
		}
	}
	return nil
}

// known refuses a schema with steps that this program does not have.
func (s *Store) known(ctx context.Context, p *goose.Provider) error {
	current, newest, err := p.GetVersions(ctx)
	if err != nil {
		return fail("read schema version", err)
	}
	if current <= newest {
		return nil
	}
	return &domain.Error{
		Code: domain.Conflict, Op: "db.Open",
		Message: fmt.Sprintf("The metadata database is at version %d, but this Dribble knows only versions up to %d.", current, newest),
		Hint:    "Start the newer Dribble that made it, or restore a backup from before the upgrade.",
	}
}

func (s *Store) migrations(ctx context.Context) ([]Migration, error) {
	p, err := s.provider()
	if err != nil {
		return nil, err
	}
	list, err := p.Status(ctx)
	if err != nil {
		return nil, fail("read migrations", err)
	}
	steps := make([]Migration, len(list))
	for i, m := range list {
		steps[i] = Migration{m.Source.Version, m.Source.Path, m.AppliedAt.UTC()}
		if m.State == goose.StatePending {
			steps[i].AppliedAt = time.Time{}
		}
	}
	slices.SortFunc(steps, func(a, b Migration) int { return int(a.Version - b.Version) })
	return steps, nil
}

func (s *Store) provider() (*goose.Provider, error) {
	p, err := goose.NewProvider(s.dialect.goose(), s.write, migrations.Files(), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return p, nil
}

// alone runs f while no other server migrates the same database.
func (s *Store) alone(ctx context.Context, f func(*goose.Provider) error) (err error) {
	p, err := s.provider()
	if err != nil {
		return err
	}
	if s.dialect.lock() == "" {
		return f(p)
	}
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return fail("lock schema", err)
	}
	defer func() { err = errors.Join(err, release(ctx, conn, s.dialect.unlock())) }()
	if _, err := conn.ExecContext(ctx, s.dialect.lock()); err != nil {
		return fail("lock schema", err)
	}
	return f(p)
}

// release gives up the lock even if ctx has ended.
func release(ctx context.Context, conn *sql.Conn, unlock string) error {
	_, err := conn.ExecContext(context.WithoutCancel(ctx), unlock)
	return errors.Join(err, conn.Close())
}
