package views

import (
	"context"
	"strings"
)

type macKey struct{}

// OnMac notes in a context that the reader's keyboard is Apple's, as far as the
// browser's name for itself tells.
func OnMac(ctx context.Context, userAgent string) context.Context {
	for _, name := range []string{"Macintosh", "iPhone", "iPad"} {
		if strings.Contains(userAgent, name) {
			return context.WithValue(ctx, macKey{}, true)
		}
	}
	return ctx
}

// keyHint names keys, which are written for the Mac, as the reader's keyboard does:
// "⇧⌘↵" is "Ctrl+Shift+Enter" elsewhere.
func keyHint(ctx context.Context, keys string) string {
	if ctx.Value(macKey{}) != nil {
		return keys
	}
	if rest := strings.Replace(keys, "⌘", "", 1); rest != keys {
		keys = "⌘" + rest
	}
	return strings.NewReplacer("⌘", "Ctrl+", "⌥", "Alt+", "⇧", "Shift+", "↵", "Enter").Replace(keys)
}
