package all_test

import (
	"testing"

	"dribble/engine/all"
)

// TestSpecsAreComplete holds what the source form and the editor rely on.
func TestSpecsAreComplete(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, s := range all.Specs() {
		t.Run(s.Name, func(t *testing.T) {
			if s.Title == "" || len(s.Monogram) != 2 || s.Quote == "" || len(s.Fields) == 0 {
				t.Errorf("spec has a gap: %+v", s)
			}
			if seen[s.Name] {
				t.Errorf("the name %q is used twice", s.Name)
			}
			seen[s.Name] = true
			for _, f := range s.Fields {
				if f.Name == "" || f.Label == "" || f.Kind == "" {
					t.Errorf("field has a gap: %+v", f)
				}
				if f.Kind == "password" && !f.Secret {
					t.Errorf("password field %s is not secret", f.Name)
				}
			}
			e, ok := all.Find(s.Name)
			if !ok || e.Spec().Name != s.Name {
				t.Errorf("Find(%q) does not give the engine", s.Name)
			}
		})
	}
	if _, ok := all.Find("oracle"); ok {
		t.Error("Find finds an engine that does not exist")
	}
}
