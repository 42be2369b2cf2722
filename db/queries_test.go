package db_test

import (
	"slices"
	"strings"
	"testing"

	"dribble/db"
	"dribble/domain"
)

func TestQueryLife(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		src := e.source(t, "s")
		made := must[domain.Query](t, "CreateQuery")(e.CreateQuery(t.Context(), e.p,
			domain.Query{Name: " Revenue ", SQL: "SELECT 1", SourceID: src.ID, Folder: "Finance"}, domain.TriggerManual))
		if made.Name != "Revenue" || made.SQL != "SELECT 1" || made.DraftSQL != "SELECT 1" || made.VersionCount != 1 ||
			made.SourceID != src.ID || made.Folder != "Finance" || made.IsEphemeral || made.CreatedBy != e.p.UserID {
			t.Errorf("made = %+v", made)
		}
		made.Name, made.Folder, made.SourceID = "Income", "FINANCE", ""
		changed := must[domain.Query](t, "UpdateQuery")(e.UpdateQuery(t.Context(), e.p, made))
		if changed.Name != "Income" || changed.Folder != "Finance" || changed.SourceID != "" {
			t.Errorf("changed = %+v; a folder's name must not depend on case", changed)
		}
		if err := e.RenameQuery(t.Context(), e.p, made.ID, "Turnover"); err != nil {
			t.Fatal(err)
		}
		if err := e.SaveDraft(t.Context(), e.p, made.ID, "SELECT draft"); err != nil {
			t.Fatal(err)
		}
		got := must[domain.Query](t, "Query")(e.Query(t.Context(), e.p, made.ID))
		if got.Name != "Turnover" || got.DraftSQL != "SELECT draft" || got.SQL != "SELECT 1" || got.VersionCount != 1 {
			t.Errorf("after draft = %+v", got)
		}
		if err := e.DeleteQuery(t.Context(), e.p, made.ID); err != nil {
			t.Fatal(err)
		}
		_, err := e.Query(t.Context(), e.p, made.ID)
		wantCode(t, "deleted", err, domain.NotFound)
		_, _, err = e.SaveVersion(t.Context(), e.p, made.ID, "x", domain.TriggerManual, "")
		wantCode(t, "save to deleted", err, domain.NotFound)
		wantCode(t, "delete twice", e.DeleteQuery(t.Context(), e.p, made.ID), domain.NotFound)
		if err := e.UndeleteQuery(t.Context(), e.p, made.ID); err != nil {
			t.Fatal(err)
		}
		if got := must[[]domain.Version](t, "Versions")(e.Versions(t.Context(), e.p, made.ID)); len(got) != 1 {
			t.Errorf("versions after undelete = %d, want 1", len(got))
		}
		wantCode(t, "undelete twice", e.UndeleteQuery(t.Context(), e.p, made.ID), domain.NotFound)
	})
}

func TestQueriesRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		for name, c := range map[string]struct {
			q     domain.Query
			field string
		}{
			"no name":        {domain.Query{SQL: "x"}, "name"},
			"long name":      {domain.Query{Name: strings.Repeat("n", 256)}, "name"},
			"NUL in text":    {domain.Query{Name: "n", SQL: "a\x00b"}, "sql_content"},
			"not UTF-8":      {domain.Query{Name: "n", SQL: "a\xffb"}, "sql_content"},
			"unknown source": {domain.Query{Name: "n", SourceID: "none"}, "source_id"},
			"bad folder":     {domain.Query{Name: "n", Folder: "a\nb"}, "folder"},
		} {
			_, err := e.CreateQuery(t.Context(), e.p, c.q, domain.TriggerManual)
			wantCode(t, name, err, domain.Invalid)
			wantField(t, name, err, c.field)
		}
		if got := must[[]domain.Query](t, "Queries")(e.Queries(t.Context(), e.p, db.QueryFilter{})); len(got) != 0 {
			t.Errorf("refused queries were stored: %v", got)
		}
	})
}

func TestQueriesList(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		for _, name := range []string{"beta", "Alpha", "Ärger 100%", "gamma_1", "gammaX1"} {
			e.query(t, name, "SELECT 1")
		}
		scratch := must[domain.Query](t, "CreateQuery")(e.CreateQuery(t.Context(), e.p, domain.Query{Name: "alpha scratch", IsEphemeral: true}, ""))
		names := func(f db.QueryFilter) []string {
			t.Helper()
			list := []string{}
			for _, q := range must[[]domain.Query](t, "Queries")(e.Queries(t.Context(), e.p, f)) {
				list = append(list, q.Name)
			}
			return list
		}
		for name, c := range map[string]struct {
			filter db.QueryFilter
			want   []string
		}{
			"limit":             {db.QueryFilter{Limit: 2}, []string{"Alpha", "beta"}},
			"any case":          {db.QueryFilter{Match: "ALPH"}, []string{"Alpha"}},
			"not only ASCII":    {db.QueryFilter{Match: "äRG"}, []string{"Ärger 100%"}},
			"percent is itself": {db.QueryFilter{Match: "0%"}, []string{"Ärger 100%"}},
			"underscore too":    {db.QueryFilter{Match: "a_1"}, []string{"gamma_1"}},
			"backslash":         {db.QueryFilter{Match: `\`}, []string{}},
		} {
			if got := names(c.filter); !slices.Equal(got, c.want) {
				t.Errorf("%s: got %q, want %q", name, got, c.want)
			}
		}
		if _, _, err := e.SaveVersion(t.Context(), e.p, scratch.ID, "SELECT 2", domain.TriggerManual, ""); err != nil {
			t.Fatal(err)
		}
		if got := names(db.QueryFilter{Match: "scratch"}); len(got) != 1 {
			t.Error("saving did not make the ephemeral query a real one")
		}
	})
}

func TestTablePreviews(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		const key = "table:s:public.orders"
		preview := domain.Query{Name: "orders", IsEphemeral: true, PreviewKey: key, SQL: "SELECT * FROM orders"}
		_, err := e.EphemeralByPreview(t.Context(), e.p, key)
		wantCode(t, "before", err, domain.NotFound)
		made := must[domain.Query](t, "CreateQuery")(e.CreateQuery(t.Context(), e.p, preview, domain.TriggerManual))
		if got := must[domain.Query](t, "by preview")(e.EphemeralByPreview(t.Context(), e.p, key)); got.ID != made.ID || got.PreviewKey != key {
			t.Errorf("got %+v", got)
		}
		_, err = e.CreateQuery(t.Context(), e.p, preview, domain.TriggerManual)
		wantCode(t, "second of one user", err, domain.Conflict)
		if _, err := e.CreateQuery(t.Context(), e.stranger(t), preview, domain.TriggerManual); err != nil {
			t.Errorf("another user's preview: %v", err)
		}
		if err := e.DeleteQuery(t.Context(), e.p, made.ID); err != nil {
			t.Fatal(err)
		}
		again := must[domain.Query](t, "CreateQuery")(e.CreateQuery(t.Context(), e.p, preview, domain.TriggerManual))
		wantCode(t, "undelete beside a new one", e.UndeleteQuery(t.Context(), e.p, made.ID), domain.Conflict)
		if _, _, err := e.SaveVersion(t.Context(), e.p, again.ID, "SELECT 1", domain.TriggerManual, ""); err != nil {
			t.Fatal(err)
		}
		_, err = e.EphemeralByPreview(t.Context(), e.p, key)
		wantCode(t, "after saving", err, domain.NotFound)
	})
}

func wantField(t *testing.T, what string, err error, field string) {
	t.Helper()
	if e, ok := asError(err); !ok || e.Field != field {
		t.Errorf("%s: error %v, want field %q", what, err, field)
	}
}
