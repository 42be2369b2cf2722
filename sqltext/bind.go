package sqltext

import (
	"sort"
	"strconv"
	"strings"

	"dribble/domain"
)

// maxPlaceholder is the highest number that PostgreSQL can bind.
const maxPlaceholder = 65535

// Bound is a text whose {{name}} parameters became the database's own
// placeholders.
type Bound struct {
	Text string
	Args []*string // bound in order; nil if the text has no parameters

	moves []move
}

// move is one replaced parameter: where it was and where its placeholder is.
type move struct {
	from, fromEnd int // in the original
	to, toEnd     int // in Text
}

// Original converts a byte offset in Text to one in the text given to Bind. An
// offset inside a placeholder gives the start of its parameter.
func (b Bound) Original(offset int) int {
	i := sort.Search(len(b.moves), func(i int) bool { return b.moves[i].to > offset })
	if i == 0 {
		return offset
	}
	m := b.moves[i-1]
	if offset < m.toEnd {
		return m.from
	}
	return offset - m.toEnd + m.fromEnd
}

// Bind replaces each {{name}} by $1, $2, … in PostgreSQL, one number a name, or
// by ? in MySQL and SQLite, and lists the values in that order. Numbers that
// a PostgreSQL text already uses are left alone: parameters get higher ones,
// and Args is nil (NULL) at the numbers before. A value that is missing is
// a *domain.Error with Field set to the name; so is, without Field, a text
// that mixes {{name}} with placeholders of MySQL or SQLite.
func Bind(d Dialect, text string, values map[string]string) (Bound, error) {
	b := binder{values: values, numbers: map[string]int{}}
	sc := newScanner(d, text)
	b.numbered = sc.d == Postgres
	for sc.next() {
		switch sc.tok.Kind {
		case TokenParam:
			b.params = append(b.params, param(text, sc.tok))
		case TokenPlaceholder:
			b.own = append(b.own, sc.tok)
		}
	}
	if len(b.params) == 0 {
		return Bound{Text: text}, nil
	}
	if err := b.reserve(text); err != nil {
		return Bound{}, err
	}
	return b.replace(text)
}

// binder is the work of one Bind.
type binder struct {
	values   map[string]string
	numbered bool
	params   []Param
	own      []Token        // placeholders that the text already has
	numbers  map[string]int // by name
	args     []*string
}

// reserve keeps clear of the text's own placeholders.
func (b *binder) reserve(text string) error {
	highest := 0
	for _, tok := range b.own {
		if !b.numbered {
			return invalidAt(tok.Start, "The statement mixes %s with {{%s}}. Write each parameter as {{name}}.",
				shorten(text[tok.Start:tok.End]), b.params[0].Name)
		}
		n, err := strconv.Atoi(text[tok.Start+1 : tok.End])
		if err != nil || n > maxPlaceholder {
			return invalidAt(tok.Start, "PostgreSQL numbers parameters up to $%d. %s is too high.", maxPlaceholder, shorten(text[tok.Start:tok.End]))
		}
		highest = max(highest, n)
	}
	b.args = make([]*string, highest)
	return nil
}

func (b *binder) replace(text string) (Bound, error) {
	var out strings.Builder
	out.Grow(len(text))
	moves := make([]move, 0, len(b.params))
	done := 0
	for _, p := range b.params {
		mark, err := b.placeholder(p)
		if err != nil {
			return Bound{}, err
		}
		out.WriteString(text[done:p.Start])
		m := move{from: p.Start, fromEnd: p.End, to: out.Len()}
		// A space keeps the placeholder from growing together with what
		// stands beside it: x{{a}} is not x$1, and {{a}}1 is not $11.
		if s := out.String(); s != "" && identPart(s[len(s)-1]) {
			out.WriteByte(' ')
		}
		out.WriteString(mark)
		if p.End < len(text) && identPart(text[p.End]) {
			out.WriteByte(' ')
		}
		m.toEnd = out.Len()
		moves = append(moves, m)
		done = p.End
	}
	out.WriteString(text[done:])
	if len(b.args) > maxPlaceholder {
		return Bound{}, domain.Errorf(domain.Invalid, "The statement has %d parameters. At most %d can be bound.", len(b.args), maxPlaceholder)
	}
	return Bound{Text: out.String(), Args: b.args, moves: moves}, nil
}

// placeholder gives the text that stands for p and notes its value.
func (b *binder) placeholder(p Param) (string, error) {
	if n, ok := b.numbers[p.Name]; ok && b.numbered {
		return "$" + strconv.Itoa(n), nil
	}
	value, ok := b.values[p.Name]
	if !ok {
		e := domain.FieldError(p.Name, "The parameter {{%s}} has no value. Fill it in and run again.", p.Name)
		e.Offset, e.HasOffset = p.Start, true
		return "", e
	}
	b.args = append(b.args, &value)
	if !b.numbered {
		return "?", nil
	}
	b.numbers[p.Name] = len(b.args)
	return "$" + strconv.Itoa(len(b.args)), nil
}
