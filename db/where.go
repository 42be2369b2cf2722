package db

import (
	"strconv"
	"strings"
)

// where builds the condition of a list: only what is asked for stands in the
// text, so that the planner can use the index made for it.
type where struct {
	conditions []string
	args       []any
}

// add joins a condition by AND. Each ? in it stands for the next of args.
func (w *where) add(condition string, args ...any) {
	for _, a := range args {
		condition = strings.Replace(condition, "?", w.bind(a), 1)
	}
	w.conditions = append(w.conditions, condition)
}

// bind takes an argument and returns its placeholder.
func (w *where) bind(arg any) string {
	w.args = append(w.args, arg)
	return "$" + strconv.Itoa(len(w.args))
}

func (w *where) text() string { return " WHERE " + strings.Join(w.conditions, " AND ") }
