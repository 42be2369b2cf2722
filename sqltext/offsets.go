package sqltext

import (
	"strings"
	"unicode/utf8"
)

// Offsets out of range are moved to the nearest end, and offsets inside
// a character to its start. A byte that is no UTF-8 counts as one character.

// UTF16 converts a byte offset in s to UTF-16 code units, as browsers count.
func UTF16(s string, byteOffset int) int {
	units := 0
	for _, r := range s[:floor(s, byteOffset)] {
		units++
		if r > 0xffff {
			units++
		}
	}
	return units
}

// ByteOffset converts an offset in UTF-16 code units to bytes.
func ByteOffset(s string, utf16Offset int) int {
	units := 0
	for i, r := range s {
		width := 1
		if r > 0xffff {
			width = 2
		}
		if units+width > utf16Offset {
			return i
		}
		units += width
	}
	return len(s)
}

// RuneOffset converts a byte offset to characters, as PostgreSQL counts.
func RuneOffset(s string, byteOffset int) int {
	return utf8.RuneCountInString(s[:floor(s, byteOffset)])
}

// ByteFromRune converts an offset in characters to bytes.
func ByteFromRune(s string, runes int) int {
	if runes <= 0 {
		return 0
	}
	for i := range s {
		if runes == 0 {
			return i
		}
		runes--
	}
	return len(s)
}

// LineCol gives the line and the column, in characters, of a byte offset. Both
// count from 1. Lines end with \n, \r\n or \r, as in the editor.
func LineCol(s string, byteOffset int) (line, col int) {
	offset := floor(s, byteOffset)
	head := s[:offset]
	line = 1 + strings.Count(head, "\n") + strings.Count(head, "\r") - strings.Count(head, "\r\n")
	if strings.HasSuffix(head, "\r") && strings.HasPrefix(s[offset:], "\n") {
		line-- // between the two halves of one line end
		head = head[:len(head)-1]
		start := strings.LastIndexAny(head, "\r\n") + 1
		return line, utf8.RuneCountInString(head[start:]) + 2
	}
	start := strings.LastIndexAny(head, "\r\n") + 1
	return line, utf8.RuneCountInString(head[start:]) + 1
}

// floor bounds offset to s and moves it back to the start of a character.
func floor(s string, offset int) int {
	if offset <= 0 {
		return 0
	}
	if offset >= len(s) {
		return len(s)
	}
	for back := offset; back > 0 && back > offset-utf8.UTFMax; back-- {
		if utf8.RuneStart(s[back]) {
			if _, size := utf8.DecodeRuneInString(s[back:]); back+size > offset {
				return back
			}
			return offset
		}
	}
	if _, size := utf8.DecodeRuneInString(s); offset < size {
		return 0
	}
	return offset
}
