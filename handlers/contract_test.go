package handlers_test

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// contract is the OpenAPI document, by which every answer of every test is
// measured.
type contract struct {
	Paths      map[string]map[string]json.RawMessage
	Components struct{ Schemas map[string]*schema }
	patterns   []pattern
}

type pattern struct {
	re   *regexp.Regexp
	path string
}

// operation is one method of one path.
type operation struct {
	RequestBody *struct {
		Content map[string]struct{ Schema *schema }
	}
	Parameters []struct{ Name, In string }
	Responses  map[string]struct {
		Content map[string]struct{ Schema *schema }
	}
}

func readContract(t *testing.T, b *bed) *contract {
	t.Helper()
	res := b.open(t, request{method: http.MethodGet, path: "/api/v1/openapi.json"})
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	c := &contract{}
	if err := json.Unmarshal(text, c); err != nil {
		t.Fatalf("the OpenAPI document is not readable: %v", err)
	}
	for path := range c.Paths {
		re := "^/api/v1" + strings.ReplaceAll(regexp.QuoteMeta(path), `\{id\}`, `[^/]+`) + "$"
		p := pattern{regexp.MustCompile(re), path}
		if strings.Contains(path, "{") { // fixed paths first
			c.patterns = append(c.patterns, p)
			continue
		}
		c.patterns = append([]pattern{p}, c.patterns...)
	}
	return c
}

// operation finds what the document says of a call; false if nothing.
func (c *contract) operation(t *testing.T, method, path string) (operation, bool) {
	t.Helper()
	path, _, _ = strings.Cut(path, "?")
	for _, p := range c.patterns {
		if !p.re.MatchString(path) {
			continue
		}
		raw, ok := c.Paths[p.path][strings.ToLower(method)]
		if !ok {
			return operation{}, false
		}
		var op operation
		if err := json.Unmarshal(raw, &op); err != nil {
			t.Fatalf("%s %s in the document: %v", method, p.path, err)
		}
		return op, true
	}
	return operation{}, false
}

// hold compares an answer of the API with the document.
func (c *contract) hold(t *testing.T, r request, a answer) {
	t.Helper()
	if c == nil || !strings.HasPrefix(r.path, "/api/v1/") || a.status == http.StatusNotModified || r.method == http.MethodHead {
		return
	}
	op, known := c.operation(t, r.method, r.path)
	if !known {
		if a.status < 400 {
			t.Errorf("%s %s answers %d but is not in the document", r.method, r.path, a.status)
		}
		return
	}
	name := strconv.Itoa(a.status)
	response, ok := op.Responses[name]
	if !ok && a.status < 400 {
		t.Errorf("%s %s: the document knows no answer %s", r.method, r.path, name)
		return
	}
	if !ok {
		response = op.Responses["default"]
	}
	kind, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	content, ok := response.Content[kind]
	if !ok {
		if _, any := response.Content["*/*"]; !any && len(response.Content) > 0 {
			t.Errorf("%s %s: answer %s has the type %q, which the document does not know", r.method, r.path, name, kind)
		}
		return
	}
	if kind != "application/json" {
		return
	}
	var value any
	decoder := json.NewDecoder(strings.NewReader(string(a.body)))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		t.Errorf("%s %s: answer %s is not JSON: %v", r.method, r.path, name, err)
		return
	}
	for _, problem := range c.faults(content.Schema, value, "answer") {
		t.Errorf("%s %s: %s: %s", r.method, r.path, name, problem)
	}
}

// schema is the part of JSON Schema that the document uses.
type schema struct {
	Ref        string `json:"$ref"`
	Type       types
	Format     string
	Enum       []string
	Properties map[string]*schema
	Required   []string
	Additional json.RawMessage `json:"additionalProperties"`
	Items      *schema
	OneOf      []*schema
}

// types is one type or several.
type types []string

func (l *types) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*l = types{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(l))
}

func (c *contract) resolve(s *schema) *schema {
	for s != nil && s.Ref != "" {
		s = c.Components.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
	}
	return s
}

// faults lists where value departs from s.
func (c *contract) faults(s *schema, value any, at string) []string {
	s = c.resolve(s)
	if s == nil {
		return []string{at + ": the document has no schema"}
	}
	if len(s.OneOf) > 0 {
		return c.oneOf(s, value, at)
	}
	kind := kindOf(value)
	if !fits(s.Type, kind) {
		return []string{at + " is " + kind + ", not " + strings.Join(s.Type, " or ")}
	}
	switch v := value.(type) {
	case string:
		return textFaults(s, v, at)
	case []any:
		var out []string
		for i, item := range v {
			out = append(out, c.faults(s.Items, item, at+"["+strconv.Itoa(i)+"]")...)
		}
		return out
	case map[string]any:
		return c.objectFaults(s, v, at)
	}
	return nil
}

func (c *contract) oneOf(s *schema, value any, at string) []string {
	var all []string
	for _, choice := range s.OneOf {
		faults := c.faults(choice, value, at)
		if len(faults) == 0 {
			return nil
		}
		all = append(all, faults...)
	}
	return all
}

func (c *contract) objectFaults(s *schema, v map[string]any, at string) []string {
	if s.Properties == nil && s.Additional == nil {
		return nil // any object
	}
	var out []string
	for _, name := range s.Required {
		if _, ok := v[name]; !ok {
			out = append(out, at+"."+name+" is missing")
		}
	}
	for name, item := range v {
		if p, ok := s.Properties[name]; ok {
			out = append(out, c.faults(p, item, at+"."+name)...)
			continue
		}
		var more schema
		switch {
		case string(s.Additional) == "false" || len(s.Additional) == 0:
			out = append(out, at+"."+name+" is not in the document")
		case json.Unmarshal(s.Additional, &more) == nil:
			out = append(out, c.faults(&more, item, at+"."+name)...)
		}
	}
	return out
}

func textFaults(s *schema, v, at string) []string {
	if len(s.Enum) > 0 {
		for _, allowed := range s.Enum {
			if v == allowed {
				return nil
			}
		}
		return []string{at + " is " + strconv.Quote(v) + ", not one of " + strings.Join(s.Enum, ", ")}
	}
	switch s.Format {
	case "date-time":
		if at2, err := time.Parse(time.RFC3339Nano, v); err != nil || !strings.HasSuffix(v, "Z") || at2.IsZero() {
			return []string{at + " is " + strconv.Quote(v) + ", not a time in UTC"}
		}
	case "uuid":
		if !regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`).MatchString(v) {
			return []string{at + " is " + strconv.Quote(v) + ", not a UUID"}
		}
	}
	return nil
}

func fits(allowed types, kind string) bool {
	for _, t := range allowed {
		if t == kind || t == "number" && kind == "integer" {
			return true
		}
	}
	return len(allowed) == 0
}

func kindOf(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case json.Number:
		if _, err := v.Int64(); err == nil {
			return "integer"
		}
		return "number"
	case []any:
		return "array"
	}
	return "object"
}
