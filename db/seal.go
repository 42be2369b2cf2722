package db

import (
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// envelopeVersion opens every envelope: "v1.<key id>.<base64>".
const envelopeVersion = "v1"

// Errors of Keyring.Open.
var (
	// ErrEnvelope reports a text that is no envelope.
	ErrEnvelope = errors.New("db: not a sealed value")
	// ErrUnknownKey reports an envelope whose key is not in the keyring.
	ErrUnknownKey = errors.New("db: sealed with a key that is not in the key file")
	// ErrSealBroken reports an envelope that was changed or belongs elsewhere.
	ErrSealBroken = errors.New("db: sealed value was changed or moved")
)

// Place says where a sealed value belongs. A value opens in its own place alone,
// so rows or columns cannot be swapped.
type Place struct{ Table, Row, Field string }

func (p Place) bytes() []byte {
	// NUL cannot occur in the parts, so no two places give the same bytes.
	return []byte(p.Table + "\x00" + p.Row + "\x00" + p.Field)
}

// Keyring holds the keys that secrets are sealed with (AES-256-GCM): new ones
// with the first, old ones stay readable with the others. It is immutable and
// safe for concurrent use.
type Keyring struct {
	current string // key id
	keys    map[string]cipher.AEAD
}

// Seal encrypts plain for one place.
func (k *Keyring) Seal(plain []byte, at Place) string {
	sealed := k.keys[k.current].Seal(nil, nil, plain, at.bytes())
	return envelopeVersion + "." + k.current + "." + encoding().EncodeToString(sealed)
}

// Open decrypts an envelope sealed for that place. Its errors are ErrEnvelope,
// ErrUnknownKey and ErrSealBroken; none holds any of the content.
func (k *Keyring) Open(envelope string, at Place) ([]byte, error) {
	kid, sealed, err := parseEnvelope(envelope)
	if err != nil {
		return nil, err
	}
	key, ok := k.keys[kid]
	if !ok {
		return nil, fmt.Errorf("%w: key %s", ErrUnknownKey, kid)
	}
	plain, err := key.Open(nil, nil, sealed, at.bytes())
	if err != nil {
		return nil, ErrSealBroken
	}
	return plain, nil
}

// Has reports whether envelope's key is in the keyring. A text that is no envelope
// has none.
func (k *Keyring) Has(envelope string) bool {
	kid, _, err := parseEnvelope(envelope)
	return err == nil && k.keys[kid] != nil
}

// String hides the keys.
func (k *Keyring) String() string { return "[keyring]" }

// Format hides the keys from every fmt verb.
func (k *Keyring) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[keyring]")) }

// LogValue hides the keys from slog.
func (k *Keyring) LogValue() slog.Value { return slog.StringValue("[keyring]") }

func parseEnvelope(text string) (kid string, sealed []byte, err error) {
	version, rest, _ := strings.Cut(text, ".")
	kid, body, ok := strings.Cut(rest, ".")
	// The decoder would skip line breaks; an envelope has one form only.
	if version != envelopeVersion || !ok || !validKid(kid) || strings.ContainsAny(body, "\r\n") {
		return "", nil, ErrEnvelope
	}
	sealed, err = encoding().DecodeString(body)
	if err != nil {
		return "", nil, ErrEnvelope
	}
	return kid, sealed, nil
}

// encoding is strict: unused bits of the last character must be zero.
func encoding() *base64.Encoding { return base64.RawURLEncoding.Strict() }

// validKid allows 1 to 32 lower-case letters, digits and hyphens.
func validKid(kid string) bool {
	return kid != "" && len(kid) <= 32 && strings.Trim(kid, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
