package handlers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"dribble/domain"
)

// scalars is a JSON object whose values become text. Texts, numbers and booleans
// are taken as they are written, so that "port": 5432 means the same as "5432".
type scalars map[string]string

// UnmarshalJSON refuses lists, objects and null by the name of their key.
func (s *scalars) UnmarshalJSON(text []byte) error {
	if bytes.Equal(text, []byte("null")) {
		return nil
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		return &domain.Error{Code: domain.Invalid, Message: "Send an object of names and values here.", Err: err}
	}
	*s = make(scalars, len(raw))
	for name, value := range raw {
		var plain string
		switch {
		case value[0] == '"':
			if err := json.Unmarshal(value, &plain); err != nil {
				return fmt.Errorf("read %s: %w", name, err)
			}
		case strings.IndexByte("{[n", value[0]) >= 0:
			return domain.FieldError(name, "The value of %s must be a text, a number, true or false.", name)
		default:
			plain = string(value)
		}
		(*s)[name] = plain
	}
	return nil
}
