package db

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"dribble/domain"
)

// maxName bounds names, in runes.
const maxName = 255

// cleanName trims a name and checks it: 1 to 255 runes on one line.
func cleanName(field, name string) (string, error) {
	name = strings.TrimSpace(name)
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		return "", domain.FieldError(field, "Name is needed.")
	case n > maxName:
		return "", domain.FieldError(field, "The name has %d characters; at most %d are allowed.", n, maxName)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return "", domain.FieldError(field, "The name holds characters that cannot be shown, such as line breaks.")
	}
	return name, nil
}

// checkText refuses what PostgreSQL cannot store, on SQLite too.
func checkText(field, text string) error {
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return domain.FieldError(field, "The text must be valid UTF-8 without NUL characters.")
	}
	return nil
}

// storable makes any bytes storable: for texts that come from other databases and
// must never make a write fail.
func storable(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}

// fold gives texts that differ only in case one form. The databases' LOWER will
// not do: SQLite's knows ASCII alone.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return unicode.ToLower(least)
	}, storable(s))
}

// containing is a LIKE pattern, with ESCAPE '\', for texts that hold s.
func containing(s string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(s) + "%"
}

// toJSON renders a value that json can always render.
func toJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("encode json: %w", err)
	}
	return string(b), nil
}

// jsonIn scans a JSON text into v; NULL and "" leave v as it is.
type jsonIn struct{ v any }

// Scan implements sql.Scanner.
func (in jsonIn) Scan(v any) error {
	var text string
	if err := (textIn{&text}).Scan(v); err != nil || text == "" {
		return err
	}
	if err := json.Unmarshal([]byte(text), in.v); err != nil {
		return fmt.Errorf("decode json: %w", err)
	}
	return nil
}
