package result

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// A filter expression is either plain text, kept by rows that hold it in any
// cell, or "column operator value" with one of the operators below. Text is
// compared without regard to case by ~ and plain text, exactly by the others;
// numbers are compared by value.
func operators() []string { return []string{"!=", "<=", ">=", "!~", "=", "<", ">", "~"} }

type predicate func(cells [][]byte) bool

// parseFilter compiles an expression for the columns.
func parseFilter(columns []Column, expr string) (predicate, error) {
	known := operators()
	for at := range len(expr) {
		for _, op := range known {
			if !strings.HasPrefix(expr[at:], op) {
				continue
			}
			name := strings.TrimSpace(expr[:at])
			if i := columnIndex(columns, name); i >= 0 {
				return compare(columns[i].Kind, i, op, strings.TrimSpace(expr[at+len(op):])), nil
			}
		}
	}
	needle := bytes.ToLower([]byte(strings.TrimSpace(expr)))
	if len(needle) == 0 {
		return nil, fmt.Errorf("result: empty filter")
	}
	return func(cells [][]byte) bool {
		for _, c := range cells {
			if bytes.Contains(bytes.ToLower(c), needle) {
				return true
			}
		}
		return false
	}, nil
}

func compare(kind Kind, column int, op, value string) predicate {
	if op == "~" || op == "!~" {
		needle := bytes.ToLower([]byte(value))
		return func(cells [][]byte) bool {
			return bytes.Contains(bytes.ToLower(cells[column]), needle) == (op == "~")
		}
	}
	if strings.EqualFold(value, "null") && (op == "=" || op == "!=") {
		return func(cells [][]byte) bool { return (cells[column] == nil) == (op == "=") }
	}
	want := appendSortKey(nil, kind, []byte(value))
	var key []byte
	return func(cells [][]byte) bool {
		if cells[column] == nil {
			return false // NULL is neither equal, less nor more
		}
		key = appendSortKey(key[:0], kind, cells[column])
		c := bytes.Compare(key, want)
		switch op {
		case "=":
			return c == 0
		case "!=":
			return c != 0
		case "<":
			return c < 0
		case "<=":
			return c <= 0
		case ">":
			return c > 0
		default:
			return c >= 0
		}
	}
}

// columnIndex finds a column by name, or by "#n" counted from 1; -1 if none.
func columnIndex(columns []Column, name string) int {
	if place, ok := strings.CutPrefix(name, "#"); ok {
		if n, err := strconv.Atoi(place); err == nil && n >= 1 && n <= len(columns) {
			return n - 1
		}
	}
	for i, c := range columns {
		if c.Name == name {
			return i
		}
	}
	return -1
}
