package db_test

import (
	"testing"
	"time"

	"dribble/db"
	"dribble/domain"
)

// TestWorkspaceWalls tries every way into another workspace's rows.
func TestWorkspaceWalls(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		ctx := t.Context()
		src := e.source(t, "s")
		q := must[domain.Query](t, "CreateQuery")(e.CreateQuery(ctx, e.p, domain.Query{Name: "q", SQL: "SELECT 1", Folder: "f", SourceID: src.ID}, domain.TriggerManual))
		run := e.run(t, domain.NewRun{QueryID: q.ID, SourceID: src.ID, SQL: "SELECT 1", Trigger: domain.TriggerEditor})
		run.Status, run.Statements = domain.RunSuccess, []domain.RunStatement{{Status: domain.RunSuccess}}
		if err := e.FinishRun(ctx, run); err != nil {
			t.Fatal(err)
		}
		gone := e.query(t, "gone", "SELECT 1")
		if err := e.DeleteQuery(ctx, e.p, gone.ID); err != nil {
			t.Fatal(err)
		}
		p := e.stranger(t)
		for name, try := range map[string]func() error{
			"Source":        func() error { _, err := e.Source(ctx, p, src.ID); return err },
			"UpdateSource":  func() error { _, err := e.UpdateSource(ctx, p, src, nil); return err },
			"DeleteSource":  func() error { return e.DeleteSource(ctx, p, src.ID) },
			"Query":         func() error { _, err := e.Query(ctx, p, q.ID); return err },
			"UpdateQuery":   func() error { _, err := e.UpdateQuery(ctx, p, domain.Query{ID: q.ID, Name: "x"}); return err },
			"RenameQuery":   func() error { return e.RenameQuery(ctx, p, q.ID, "x") },
			"SaveDraft":     func() error { return e.SaveDraft(ctx, p, q.ID, "x") },
			"DeleteQuery":   func() error { return e.DeleteQuery(ctx, p, q.ID) },
			"UndeleteQuery": func() error { return e.UndeleteQuery(ctx, p, gone.ID) },
			"SaveVersion": func() error {
				_, _, err := e.SaveVersion(ctx, p, q.ID, "x", domain.TriggerManual, "")
				return err
			},
			"Versions": func() error { _, err := e.Versions(ctx, p, q.ID); return err },
			"Version":  func() error { _, err := e.Version(ctx, p, q.ID, 1); return err },
			"Run":      func() error { _, err := e.Run(ctx, p, run.ID); return err },
			"Columns":  func() error { _, err := e.Columns(ctx, p, run.ID, 0); return err },
			"fork": func() error {
				_, err := e.CreateQuery(ctx, p, domain.Query{Name: "x", ForkedFrom: q.ID}, domain.TriggerManual)
				return err
			},
		} {
			wantCode(t, name, try(), domain.NotFound)
		}
		_, err := e.CreateRun(ctx, p, domain.NewRun{SourceID: src.ID, SQL: "x"})
		wantCode(t, "run on a foreign source", err, domain.Invalid)
		_, err = e.CreateQuery(ctx, p, domain.Query{Name: "x", SourceID: src.ID}, "")
		wantCode(t, "query on a foreign source", err, domain.Invalid)
		own, err := e.CreateSource(ctx, p, domain.Source{Name: "S", Engine: "sqlite"}, nil)
		if err != nil {
			t.Fatalf("the same name in another workspace: %v", err)
		}
		_, err = e.CreateRun(ctx, p, domain.NewRun{QueryID: q.ID, SourceID: own.ID, SQL: "x"})
		wantCode(t, "run of a foreign query", err, domain.NotFound)
		_, err = e.CreateRun(ctx, p, domain.NewRun{QueryID: q.ID, SourceID: own.ID, SQL: "x", SaveSQL: "x"})
		wantCode(t, "run that saves a foreign query", err, domain.NotFound)

		if list := must[[]domain.Source](t, "Sources")(e.Sources(ctx, p)); len(list) != 1 || list[0].ID != own.ID {
			t.Errorf("stranger sees sources %v", list)
		}
		if list := must[[]domain.Query](t, "Queries")(e.Queries(ctx, p, db.QueryFilter{})); len(list) != 0 {
			t.Errorf("stranger sees queries %v", list)
		}
		if list, _, err := e.Runs(ctx, p, db.RunFilter{SourceID: src.ID}); err != nil || len(list) != 0 {
			t.Errorf("stranger sees runs %v, %v", list, err)
		}
		// Nothing of it changed anything.
		if got := must[domain.Query](t, "Query")(e.Query(ctx, e.p, q.ID)); got != q {
			t.Errorf("query changed to %+v", got)
		}
	})
}

func TestTokens(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		ctx := t.Context()
		plain := must[string](t, "CreateToken")(e.CreateToken(ctx, e.p, "ci", time.Time{}))
		if p, err := e.PrincipalByToken(ctx, plain); err != nil || p != e.p {
			t.Errorf("principal = %+v, %v; want %+v", p, err, e.p)
		}
		var hits int
		if err := e.raw.QueryRowContext(ctx, "SELECT COUNT(*) FROM api_tokens WHERE hash LIKE '%' || $1 || '%'", plain[4:]).Scan(&hits); err != nil || hits != 0 {
			t.Errorf("the plain token is stored: %d, %v", hits, err)
		}
		for name, text := range map[string]string{
			"empty": "", "cut": plain[:len(plain)-1], "upper case": "DRB_" + plain[4:], "made up": "drb_nothing",
		} {
			_, err := e.PrincipalByToken(ctx, text)
			wantCode(t, name, err, domain.Unauthenticated)
		}
		list := must[[]db.Token](t, "Tokens")(e.Tokens(ctx, e.p))
		if len(list) != 1 || list[0].Name != "ci" || list[0].LastUsedAt.IsZero() || !list[0].ExpiresAt.IsZero() {
			t.Fatalf("tokens = %+v", list)
		}
		other := e.stranger(t)
		wantCode(t, "delete another's", e.DeleteToken(ctx, other, list[0].ID), domain.NotFound)
		if got := must[[]db.Token](t, "Tokens")(e.Tokens(ctx, other)); len(got) != 0 {
			t.Errorf("stranger sees %v", got)
		}
		if err := e.DeleteToken(ctx, e.p, list[0].ID); err != nil {
			t.Fatal(err)
		}
		_, err := e.PrincipalByToken(ctx, plain)
		wantCode(t, "deleted", err, domain.Unauthenticated)

		_, err = e.CreateToken(ctx, e.p, "late", time.Now().Add(-time.Hour))
		wantCode(t, "expiry in the past", err, domain.Invalid)
		plain = must[string](t, "CreateToken")(e.CreateToken(ctx, e.p, "short", time.Now().Add(time.Hour)))
		e.exec(t, "UPDATE api_tokens SET expires_at = created_at")
		_, err = e.PrincipalByToken(ctx, plain)
		wantCode(t, "expired", err, domain.Unauthenticated)

		plain = must[string](t, "CreateToken")(e.CreateToken(ctx, e.p, "role", time.Time{}))
		e.exec(t, "UPDATE members SET role = 'viewer' WHERE user_id = $1", e.p.UserID)
		if p := must[domain.Principal](t, "viewer")(e.PrincipalByToken(ctx, plain)); p.Role != domain.RoleViewer {
			t.Errorf("role = %q: a token must not keep rights that its user lost", p.Role)
		}
		e.exec(t, "DELETE FROM members WHERE user_id = $1", e.p.UserID)
		_, err = e.PrincipalByToken(ctx, plain)
		wantCode(t, "user left the workspace", err, domain.Unauthenticated)
	})
}
