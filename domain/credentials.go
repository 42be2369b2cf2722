package domain

import (
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// Credentials are a source's unsealed connection fields, secrets included.
// They are the only form in which secrets leave the store, and every way of
// printing them by accident (fmt, JSON, slog) gives "[redacted]". Reveal is the
// one deliberate door.
type Credentials struct{ fields map[string]string }

// NewCredentials takes ownership of fields.
func NewCredentials(fields map[string]string) Credentials { return Credentials{fields} }

// Reveal returns the plain fields. The caller must not log or render them.
func (c Credentials) Reveal() map[string]string { return c.fields }

// String hides the fields.
func (Credentials) String() string { return redacted }

// GoString hides the fields from %#v.
func (Credentials) GoString() string { return redacted }

// Format hides the fields from every fmt verb.
func (Credentials) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalJSON hides the fields.
func (Credentials) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// LogValue hides the fields from slog.
func (Credentials) LogValue() slog.Value { return slog.StringValue(redacted) }
