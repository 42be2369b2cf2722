package handlers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
)

// routes lists what the router answers below prefix, as "METHOD /path".
func routes(t *testing.T, h http.Handler, prefix string) []string {
	t.Helper()
	tree, ok := h.(chi.Routes)
	if !ok {
		t.Fatalf("the handler is %T, whose routes cannot be listed", h)
	}
	var list []string
	err := chi.Walk(tree, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if rest, ok := strings.CutPrefix(route, prefix); ok && !strings.HasSuffix(route, "*") {
			list = append(list, method+" "+rest)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return list
}

func TestDocumentHasEveryRoute(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	got := routes(t, b.server.Handler(), "/api/v1")
	var want []string
	for path, methods := range b.contract.Paths {
		for method := range methods {
			if method != "parameters" {
				want = append(want, strings.ToUpper(method)+" "+path)
			}
		}
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the router answers\n%s\nthe document says\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(got) < 23 {
		t.Errorf("only %d routes of the API were found", len(got))
	}
}

// TestDocumentsBodiesAreAccepted sends every property that the document names for
// a body: none of them may be unknown to the handler, and a property that the
// document does not name must be.
func TestDocumentsBodiesAreAccepted(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	source := b.shop(t)
	var query struct{ ID string }
	b.must(t, 201, "POST", "/api/v1/queries", object{"name": "q", "sql_content": "SELECT 1", "source_id": source}).decode(t, &query)
	for route, path := range map[string]string{
		"POST /sources": "/sources", "POST /sources/test": "/sources/test", "PATCH /sources/{id}": "/sources/" + source,
		"POST /queries": "/queries", "PATCH /queries/{id}": "/queries/" + query.ID, "POST /runs": "/runs", "POST /query": "/query",
	} {
		method, _, _ := strings.Cut(route, " ")
		op, ok := b.contract.operation(t, method, "/api/v1"+path)
		if !ok || op.RequestBody == nil {
			t.Errorf("%s: the document has no body", route)
			continue
		}
		s := b.contract.resolve(op.RequestBody.Content["application/json"].Schema)
		for name := range s.Properties {
			a := b.call(t, method, "/api/v1"+path, `{"`+name+`": null}`)
			if strings.Contains(string(a.body), "unknown field") {
				t.Errorf("%s: %s is in the document, but refused: %s", route, name, a.body)
			}
		}
		e := b.call(t, method, "/api/v1"+path, `{"surprise": 1}`).refused(t, 400, "invalid")
		if !strings.Contains(e.Message, "surprise") {
			t.Errorf("%s: the refusal does not name the unknown field: %s", route, e.Message)
		}
	}
}

// TestFaultsOfAnswersAreFound proves that the validator of these tests finds what
// it is there for.
func TestFaultsOfAnswersAreFound(t *testing.T) {
	t.Parallel()
	c := &contract{}
	no := []byte("false")
	s := &schema{Type: types{"object"}, Additional: no, Required: []string{"id"}, Properties: map[string]*schema{
		"id": {Type: types{"string"}, Format: "uuid"}, "n": {Type: types{"integer", "null"}}, "s": {Type: types{"string"}, Enum: []string{"a"}},
		"l": {Type: types{"array"}, Items: &schema{Type: types{"string"}}},
	}}
	const id = "01900000-0000-7000-8000-000000000000"
	for name, tt := range map[string]struct {
		value any
		want  int
	}{
		"whole":             {object{"id": id, "n": nil, "s": "a", "l": []any{"x"}}, 0},
		"missing":           {object{"s": "a"}, 1},
		"additional":        {object{"id": id, "x": 1}, 1},
		"wrong enum":        {object{"id": id, "s": "b"}, 1},
		"wrong type":        {object{"id": id, "n": "1"}, 1},
		"null not allowed":  {object{"id": id, "s": nil}, 1},
		"wrong item":        {object{"id": id, "l": []any{nil}}, 1},
		"no UUID":           {object{"id": "7"}, 1},
		"list, not object":  {[]any{}, 1},
		"three faults told": {object{"n": "1", "s": "b"}, 3},
	} {
		if got := c.faults(s, tt.value, "answer"); len(got) != tt.want {
			t.Errorf("%s: got faults %q, want %d", name, got, tt.want)
		}
	}
}
