package handlers_test

import "testing"

// A download for spreadsheets must not run what a table holds, and a plain one
// must be exact.
func TestExportGuardsFormulasOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	r := b.succeeded(t, b.shop(t), "SELECT '=1+1' AS x, -5 AS n")
	for query, want := range map[string]string{"": "x,n\r\n=1+1,-5\r\n", "&guard=1": "x,n\r\n'=1+1,-5\r\n"} {
		got := b.must(t, 200, "GET", "/api/v1/runs/"+r.ID+"/export?format=csv"+query, nil)
		if string(got.body) != want {
			t.Errorf("%q: got %q, want %q", query, got.body, want)
		}
	}
}
