package mysql

import (
	"strings"

	"dribble/engine"
)

// routineKey tells a function from a procedure of the same name.
type routineKey struct {
	place
	kind string // FUNCTION or PROCEDURE
}

func (r *reader) readRoutines() {
	arguments := map[routineKey][]string{}
	for _, row := range r.rows("parameters.sql", "SPECIFIC_SCHEMA", "").rows {
		key := routineKey{place{row[0].text, row[1].text}, row[2].text}
		words := []string{row[4].text, row[5].text}
		if mode := row[3].text; mode != "" && mode != "IN" {
			words = append([]string{mode}, words...)
		}
		arguments[key] = append(arguments[key], strings.Join(words, " "))
	}
	for _, row := range r.rows("routines.sql", "ROUTINE_SCHEMA", "").rows {
		space, ok := r.bySpace[row[0].text]
		if !ok {
			continue
		}
		key := routineKey{place{row[0].text, row[1].text}, row[2].text}
		r.schemas[space].Routines = append(r.schemas[space].Routines, engine.Routine{
			Name: key.name, Kind: strings.ToLower(key.kind), Arguments: strings.Join(arguments[key], ", "),
			Returns: row[3].text, Comment: row[4].text,
		})
	}
}
