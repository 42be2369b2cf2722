package engine

import (
	"strconv"
	"strings"

	"dribble/domain"
)

// Spec is an engine's public face: what the source form asks and what the
// editor must know of its dialect. It holds data only.
type Spec struct {
	Name     string // "postgres"; also the sqltext dialect's name
	Title    string // "PostgreSQL"
	Versions string // "12 and newer"
	Monogram string // "Pg", on the engine tile
	Fields   []Field
	// Quote opens and closes a quoted identifier: `"` or "`".
	Quote string
	// DefaultSchema is searched for unqualified names: "public", "main"; ""
	// if it is the connection's database.
	DefaultSchema string
}

// Kinds of form fields.
const (
	FieldText     = "text"
	FieldNumber   = "number"
	FieldPassword = "password" // one-line secret
	FieldSelect   = "select"
	FieldPath     = "path"
	FieldPEM      = "pem" // multi-line certificate or key
)

// Field is one connection field of an engine.
type Field struct {
	Name     string   `json:"name"`
	Label    string   `json:"label"`
	Kind     string   `json:"kind"`
	Required bool     `json:"required"`
	Default  string   `json:"default"`
	Secret   bool     `json:"secret,omitempty"`   // sealed at rest, never sent back
	Advanced bool     `json:"advanced,omitempty"` // behind "More options" in the form
	Help     string   `json:"help,omitempty"`
	Options  []Option `json:"options,omitempty"` // of a select
}

// Option is one choice of a select field.
type Option struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

// Clean checks fields against the spec and returns them trimmed, with defaults
// filled in. Unknown names and bad values are *domain.Error with Field set.
func (s Spec) Clean(fields map[string]string) (map[string]string, error) {
	known := make(map[string]bool, len(s.Fields))
	out := make(map[string]string, len(s.Fields))
	for _, f := range s.Fields {
		known[f.Name] = true
		v := fields[f.Name]
		if !f.Secret {
			v = strings.TrimSpace(v)
		}
		if v == "" {
			v = f.Default
		}
		if err := f.check(v); err != nil {
			return nil, err
		}
		if v != "" {
			out[f.Name] = v
		}
	}
	for name := range fields {
		if !known[name] {
			return nil, domain.FieldError(name, "%s has no field called %q.", s.Title, name)
		}
	}
	return out, nil
}

func (f Field) check(v string) error {
	switch {
	case v == "" && f.Required:
		return domain.FieldError(f.Name, "%s is needed.", f.Label)
	case v == "":
		return nil
	case len(v) > 64<<10:
		return domain.FieldError(f.Name, "%s is longer than 64 kB.", f.Label)
	case f.Kind != FieldPEM && strings.ContainsAny(v, "\x00\r\n"):
		return domain.FieldError(f.Name, "%s must be one line.", f.Label)
	case f.Kind == FieldNumber:
		if n, err := strconv.Atoi(v); err != nil || n < 1 || n > 65535 {
			return domain.FieldError(f.Name, "%s must be a number from 1 to 65535.", f.Label)
		}
	case f.Kind == FieldSelect:
		for _, o := range f.Options {
			if o.Value == v {
				return nil
			}
		}
		return domain.FieldError(f.Name, "%s cannot be %q.", f.Label, v)
	}
	return nil
}

// QuoteName quotes one identifier for the engine, doubling the quote inside.
func (s Spec) QuoteName(name string) string {
	return s.Quote + strings.ReplaceAll(name, s.Quote, s.Quote+s.Quote) + s.Quote
}

// Find returns the spec called name.
func Find(specs []Spec, name string) (Spec, bool) {
	for _, s := range specs {
		if s.Name == name {
			return s, true
		}
	}
	return Spec{}, false
}
