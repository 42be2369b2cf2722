package result

import (
	"bytes"
	"strings"
)

// maxSortKey bounds the bytes of a value that take part in sorting; longer
// values that agree so far keep their order of arrival.
const maxSortKey = 256

// Sort key classes, so that NULL and NaN land where databases put them.
const (
	keyNegative byte = iota + 1
	keyZero
	keyPositive
	keyNaN
	keyText
	keyNull // last ascending, first descending, as in PostgreSQL
)

// appendSortKey appends bytes whose plain comparison orders cells of the kind.
func appendSortKey(dst []byte, kind Kind, cell []byte) []byte {
	if cell == nil {
		return append(dst, keyNull)
	}
	if kind.Numeric() {
		return appendNumberKey(dst, cell)
	}
	if len(cell) > maxSortKey {
		cell = cell[:maxSortKey]
	}
	return append(append(dst, keyText), cell...)
}

// appendNumberKey encodes a decimal number of any length so that byte order is
// numeric order: class, exponent, digits; for negatives all bits flipped.
func appendNumberKey(dst, cell []byte) []byte {
	negative, digits, exponent, ok := parseNumber(cell)
	if !ok {
		return appendOddNumber(dst, cell)
	}
	if len(digits) == 0 {
		return append(dst, keyZero)
	}
	class, flip := keyPositive, byte(0)
	if negative {
		class, flip = keyNegative, 0xff
	}
	dst = append(dst, class)
	e := uint32(int64(exponent) + 1<<31)
	for shift := 24; shift >= 0; shift -= 8 {
		dst = append(dst, byte(e>>shift)^flip)
	}
	for _, d := range digits[:min(len(digits), maxSortKey)] {
		dst = append(dst, d^flip)
	}
	return append(dst, flip) // shorter digits come before longer ones, reversed when negative
}

// appendOddNumber places infinities at the ends and everything else that is no
// number (NaN, money signs) after the numbers, by text.
func appendOddNumber(dst, cell []byte) []byte {
	switch strings.ToLower(strings.TrimPrefix(string(cell[:min(len(cell), 16)]), "+")) {
	case "infinity", "inf":
		return append(dst, keyPositive, 0xff, 0xff, 0xff, 0xff)
	case "-infinity", "-inf":
		return append(dst, keyNegative, 0, 0, 0, 0)
	}
	return append(append(dst, keyNaN), cell[:min(len(cell), maxSortKey)]...)
}

// parseNumber splits a decimal number into its significant digits, without
// leading or trailing zeros, and the exponent of the first: 0.D1D2… × 10^exponent.
func parseNumber(s []byte) (negative bool, digits []byte, exponent int32, ok bool) {
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		negative, s = s[0] == '-', s[1:]
	}
	mantissa, power := s, 0
	if i := bytes.IndexAny(s, "eE"); i >= 0 {
		if power, ok = parseExponent(s[i+1:]); !ok {
			return false, nil, 0, false
		}
		mantissa = s[:i]
	}
	point := len(mantissa)
	all := make([]byte, 0, len(mantissa))
	for i, c := range mantissa {
		switch {
		case c >= '0' && c <= '9':
			all = append(all, c)
		case c == '.' && point == len(mantissa):
			point = i
		default:
			return false, nil, 0, false
		}
	}
	if len(all) == 0 {
		return false, nil, 0, false
	}
	significant := bytes.TrimLeft(all, "0")
	lead := len(all) - len(significant)
	return negative, bytes.TrimRight(significant, "0"), int32(point - lead + power), true
}

func parseExponent(s []byte) (int, bool) {
	sign := 1
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		if s[0] == '-' {
			sign = -1
		}
		s = s[1:]
	}
	n := 0
	for _, c := range s {
		if c < '0' || c > '9' || n > 1<<24 {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return sign * n, len(s) > 0
}
