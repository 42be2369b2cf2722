package sqlite

import "dribble/engine"

const fieldPath = "path"

// Spec describes the engine to the source form and the editor.
func (Engine) Spec() engine.Spec { return spec() }

func spec() engine.Spec {
	return engine.Spec{
		Name:     "sqlite",
		Title:    "SQLite",
		Versions: "3.x files",
		Monogram: "Sq",
		Fields: []engine.Field{{
			Name:     fieldPath,
			Label:    "Database file",
			Kind:     engine.FieldPath,
			Required: true,
			Help:     "Full path of an existing file on the machine where Dribble runs.",
		}},
		Quote:         `"`,
		DefaultSchema: mainSchema,
	}
}
