package query

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"dribble/domain"
	"dribble/sqltext"
)

// Request asks for a run.
type Request struct {
	QueryID  string // "" for an ad-hoc run
	SourceID string
	SQL      string // the whole text
	// From and To, byte offsets in SQL, choose what is run: a selection, or,
	// when equal, the statement there. Nil means all of SQL.
	From, To *int
	Params   map[string]string
	Trigger  string
	MaxRows  int           // 0 = the source's or the workspace's default
	Timeout  time.Duration // 0 = the source's or the workspace's default
	// Confirm accepts destructive statements: "yes", or, for a production
	// source, the source's name.
	Confirm   string
	KeepGoing bool // run the statements after a failed one too
	Refresh   bool // do not answer from the cache
	// SaveVersion makes a version of SQL if it differs from the newest one.
	SaveVersion bool
}

// ConfirmError is the cause of the refusal of a destructive statement that was
// not confirmed. It carries what the question to the user must name.
type ConfirmError struct {
	Source    domain.Source
	Statement sqltext.Statement
	Name      bool // the source's name must be typed
}

// Error names the danger.
func (e *ConfirmError) Error() string { return "not confirmed: " + string(e.Statement.Danger) }

// plan is a checked request: what will be sent to the worker.
type plan struct {
	text       string // the part that is run
	base       int    // its byte offset in Request.SQL
	statements []planned
	reads      bool // every statement only reads
}

type planned struct {
	sqltext.Statement // offsets count in plan.text
	bound             sqltext.Bound
}

// check refuses whatever can be refused before a worker is asked.
func (s *Service) check(req Request, src domain.Source) (plan, error) {
	dialect := sqltext.Dialect(src.Engine)
	p, err := choose(dialect, req)
	if err != nil {
		return plan{}, shift(err, p.base)
	}
	if len(p.statements) == 0 {
		return plan{}, domain.FieldError("sql", "There is nothing to run. Write a statement first.")
	}
	p.reads = true
	for i := range p.statements {
		st := &p.statements[i]
		if err := permit(src, st.Statement, req.Confirm); err != nil {
			return plan{}, shift(err, p.base)
		}
		if st.bound, err = sqltext.Bind(dialect, st.Text, req.Params); err != nil {
			return plan{}, shift(err, p.base+st.Start)
		}
		p.reads = p.reads && st.Class == sqltext.Read
	}
	return p, nil
}

// choose cuts out what the request asks to run: all of it, a selection, or the
// statement at the caret. Errors count their offset in the part that is chosen.
func choose(d sqltext.Dialect, req Request) (plan, error) {
	if req.From == nil || req.To == nil {
		return whole(d, req.SQL, 0)
	}
	from, to := *req.From, *req.To
	if from < 0 || to < from || to > len(req.SQL) {
		return plan{}, domain.FieldError("from", "The selection lies outside the text. Reload the page and run again.")
	}
	if from < to {
		return whole(d, req.SQL[from:to], from)
	}
	// Split gives the statements before a fault too, so that a quote left open
	// further down does not keep the one at the caret from running.
	statements, err := sqltext.Split(d, req.SQL)
	st, ok := sqltext.At(statements, req.SQL, from)
	if err != nil && (!ok || from > st.End) {
		return plan{}, err
	}
	if !ok {
		return plan{}, domain.FieldError("sql", "There is no statement at the cursor. Write one, or select what to run.")
	}
	p := plan{text: st.Text, base: st.Start}
	st.Start, st.End = 0, len(st.Text)
	p.statements = []planned{{Statement: st}}
	return p, sqltext.Check(d, st.Text)
}

func whole(d sqltext.Dialect, text string, base int) (plan, error) {
	p := plan{text: text, base: base}
	if err := sqltext.Check(d, text); err != nil {
		return p, err
	}
	statements, err := sqltext.Split(d, text)
	for _, st := range statements {
		p.statements = append(p.statements, planned{Statement: st})
	}
	return p, err
}

// permit applies the source's rules to one statement.
func permit(src domain.Source, st sqltext.Statement, confirm string) error {
	if src.ReadOnly && st.Class != sqltext.Read {
		return &domain.Error{
			Code: domain.Forbidden, Op: "query.check", HasOffset: true, Offset: st.Start,
			Message: fmt.Sprintf("%s is read-only, so %s was not sent.", src.Name, verb(st)),
			Hint:    "Only statements that read can run on this source.",
		}
	}
	if st.Danger == sqltext.DangerNone || (!src.Production && confirm != "") || (src.Production && confirm == src.Name) {
		return nil
	}
	hint := "Confirm it to run it."
	if src.Production {
		hint = "Type the source's name to confirm it."
	}
	return &domain.Error{
		Code: domain.Conflict, Op: "query.check", Field: "confirm", HasOffset: true, Offset: st.Start,
		Message: dangerText(st, src.Name), Hint: hint,
		Err: &ConfirmError{Source: src, Statement: st, Name: src.Production},
	}
}

func verb(st sqltext.Statement) string {
	if st.Keyword == "" {
		return "this statement"
	}
	return "the " + st.Keyword + " statement"
}

func dangerText(st sqltext.Statement, source string) string {
	object := st.Object
	if object == "" {
		object = "an object"
	}
	switch st.Danger {
	case sqltext.DangerNoWhere:
		return fmt.Sprintf("%s without WHERE changes every row of %s on %s.", st.Keyword, object, source)
	case sqltext.DangerTruncate:
		return fmt.Sprintf("TRUNCATE removes every row of %s on %s.", object, source)
	}
	return fmt.Sprintf("This %s removes %s on %s for good.", strings.ToUpper(st.Keyword), object, source)
}

// shift moves the offset of an error in a portion to the whole text.
func shift(err error, base int) error {
	var e *domain.Error
	if errors.As(err, &e) && e.HasOffset && base > 0 {
		moved := *e
		moved.Offset += base
		return &moved
	}
	return err
}

// bounds settles the limits of a run. What the request asks for is refused beyond the
// workspace's maximum; a source's own limits, which may be older than that, are cut.
func (s *Service) bounds(req Request, src domain.Source) (rows int, timeout time.Duration, err error) {
	rows = firstSet(req.MaxRows, min(src.RowLimit, s.limits.MaxRows), s.limits.DefaultRows)
	timeout = firstSet(req.Timeout, min(src.Timeout, s.limits.MaxTimeout), s.limits.Timeout)
	if rows < 1 || rows > s.limits.MaxRows {
		return 0, 0, domain.FieldError("max_rows", "The row limit must be a number from 1 to %d.", s.limits.MaxRows)
	}
	if timeout < time.Millisecond || timeout > s.limits.MaxTimeout {
		return 0, 0, domain.FieldError("timeout_ms", "The time limit must be between 1 ms and %s.", s.limits.MaxTimeout)
	}
	return rows, timeout, nil
}

func firstSet[T int | time.Duration](values ...T) T {
	for _, v := range values {
		if v != 0 {
			return v
		}
	}
	return 0
}
