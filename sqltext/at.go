package sqltext

import (
	"sort"
	"strings"
)

// At finds the statement that a caret at byte offset means: the one it is in
// or touches; between two, the one before if no line end lies between its end
// and the caret, else the one after; behind the last, the last. It reports
// false only if there is no statement. stmts are Split's for script.
func At(stmts []Statement, script string, offset int) (Statement, bool) {
	if len(stmts) == 0 {
		return Statement{}, false
	}
	offset = floor(script, offset)
	next := sort.Search(len(stmts), func(i int) bool { return stmts[i].Start > offset })
	if next == 0 {
		return stmts[0], true
	}
	prev := stmts[next-1]
	if next == len(stmts) || offset <= prev.End || !strings.ContainsAny(script[prev.End:offset], "\r\n") {
		return prev, true
	}
	return stmts[next], true
}
