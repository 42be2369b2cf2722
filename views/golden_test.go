package views_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"dribble/domain"
	"dribble/views"
)

var update = flag.Bool("update", false, "write the golden files anew")

// render gives a component's HTML.
func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// golden compares HTML with its file, one tag a line, with the hashes of assets
// left out.
func golden(t *testing.T, name, html string) {
	t.Helper()
	html = regexp.MustCompile(`/static/[a-z0-9]+/`).ReplaceAllString(html, "/static/HASH/")
	html = strings.ReplaceAll(html, "><", ">\n<") + "\n"
	path := filepath.Join("testdata", name+".html")
	if *update {
		if err := os.WriteFile(path, []byte(html), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run go test ./views -update)", err)
	}
	if html != string(want) {
		t.Errorf("%s has changed: %s\nrun go test ./views -update and look at the difference", path, firstDifference(html, string(want)))
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "got " + g[i] + ", want " + w[i]
		}
	}
	return "one is longer"
}

func TestGolden(t *testing.T) {
	t.Parallel()
	success, running, failed := successView(), runningView(), failedView()
	refused := views.ResultView{QueryID: "q1", Now: now(), Refusal: &domain.Error{
		Code: domain.Invalid, Message: "There is nothing to run.", Hint: "Write a statement first.",
	}}
	empty := success.Results
	empty.Statements = []views.StatementView{{
		RunStatement: domain.RunStatement{Status: domain.RunSuccess, HasRows: true, Affected: -1}, Columns: revenueColumns(),
	}}
	expired := success.Results
	expired.Statements = []views.StatementView{{RunStatement: domain.RunStatement{Status: domain.RunSuccess, HasRows: true, RowCount: 9}, Expired: true}}
	several := success.Results
	several.Shown = 1
	several.Statements = []views.StatementView{
		success.Results.Statements[0],
		{RunStatement: domain.RunStatement{Seq: 1, Status: domain.RunSuccess, Affected: 3, Notices: []string{"table touched"}}},
		{RunStatement: domain.RunStatement{Seq: 2, Status: domain.RunError, Affected: -1, Error: &domain.SQLError{Code: "42P01", Message: "no such table"}}},
	}
	sources := sidebar()
	components := map[string]templ.Component{
		"query-success":   views.QueryPanel(success),
		"query-running":   views.QueryPanel(running),
		"query-failed":    views.QueryPanel(failed),
		"results-none":    views.Results(views.ResultView{QueryID: "q1"}),
		"results-refused": views.Results(refused),
		"results-empty":   views.Results(empty),
		"results-expired": views.Results(expired),
		"results-several": views.Results(several),
		"stream-tick":     views.RunTick(running.Results, running.Status),
		"stream-ended":    views.RunEnded(failed.Results, failed.Status),
		"sources":         views.SourcesSection(sources, engines(), true),
		"tree-error":      views.TreeRows(views.ErrorRows("s1", "Could not reach prod-orders.", "/sources/s1/tree?level=2", 2)),
		"tabs":            views.TabItems(tabs()),
		"history":         views.HistoryItems(sources.History, now()),
		"queries-empty":   views.QueryItems(nil, ""),
		"runs":            views.RunsPanel(runsView()),
		"source-success":  views.SourceDialog(sourceView()),
		"source-failure":  views.SourceDialog(failedSource()),
		"source-progress": views.TestProgress(failedSource()),
		"welcome":         views.WelcomePanel(welcomeView()),
		"confirm":         views.Confirm(confirmView()),
		"versions":        views.VersionsPanel(versionsView()),
		"error":           views.ErrorNote(&domain.Error{Message: "This query is gone.", Hint: "It may have been deleted."}),
		"toast":           views.Toast(views.Note{Kind: views.ToastOK, Text: "Saved as v8", Action: "Open", ActionHref: "/queries/q1"}),
		"cell":            views.CellValue("promo", "jsonb", "Row 8", `{"a":1}`, false, views.JSONSpans(`{"a":1}`)),
	}
	for name, c := range components {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name, render(t, c))
		})
	}
}
