package export

import (
	"strings"
	"unicode"
)

// maxBase is how many characters of a name are kept.
const maxBase = 80

// FileName makes a file name of base, which may be any text, and the format's
// extension. It is safe on every common file system and inside the quotes of
// a Content-Disposition header, but may hold letters beyond ASCII.
func FileName(base string, f Format) string {
	var name strings.Builder
	count := 0
	for _, c := range strings.ToValidUTF8(base, "") {
		if count == maxBase {
			break
		}
		switch {
		case unicode.IsLetter(c), unicode.IsDigit(c), unicode.Is(unicode.M, c), strings.ContainsRune("_-.,()+", c):
		case unicode.IsSpace(c):
			c = ' '
		default:
			c = '-'
		}
		name.WriteRune(c)
		count++
	}
	clean := strings.Trim(strings.Join(strings.Fields(name.String()), " "), " .-")
	if clean == "" {
		clean = "result"
	}
	if reserved(clean) {
		clean = "_" + clean
	}
	return clean + "." + f.Extension
}

// reserved reports whether Windows keeps the name for a device.
func reserved(name string) bool {
	stem, _, _ := strings.Cut(strings.ToLower(name), ".")
	switch stem = strings.TrimSpace(stem); stem {
	case "con", "prn", "aux", "nul":
		return true
	}
	return len(stem) == 4 && (strings.HasPrefix(stem, "com") || strings.HasPrefix(stem, "lpt")) && stem[3] >= '0' && stem[3] <= '9'
}
