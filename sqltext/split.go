package sqltext

import (
	"strings"
	"unicode/utf8"

	"dribble/domain"
)

// MaxScript is the longest script that Check accepts, in bytes.
const MaxScript = 1 << 20

// Check reports why a script cannot be run at all: nothing in it, too long
// (domain.TooLarge), or one of Split's errors. The error is a *domain.Error.
func Check(d Dialect, script string) error {
	if len(script) > MaxScript {
		return domain.Errorf(domain.TooLarge, "The script is %d bytes long. At most 1 MiB (%d bytes) can be run at once.", len(script), MaxScript)
	}
	stmts, err := Split(d, script)
	if err != nil {
		return err
	}
	if len(stmts) == 0 {
		return domain.Errorf(domain.Invalid, "There is nothing to run.")
	}
	return nil
}

// Split cuts a script into its statements, in order. What holds only space and
// comments is left out; a comment behind a terminator on the same line belongs
// to no statement. An error is a *domain.Error with Offset: a NUL byte, bytes
// that are no UTF-8, a quote, dollar quote or comment that is never closed,
// a command of psql, mysql or sqlite3. The statements before that place are
// returned beside it, so that one of them can still be run alone.
func Split(d Dialect, script string) ([]Statement, error) {
	if err := checkBytes(script); err != nil {
		return nil, err
	}
	sp := splitter{sc: newScanner(d, script)}
	sp.reset()
	for sp.sc.next() {
		if sp.sc.fault.kind != faultNone {
			break
		}
		sp.take(sp.sc.tok)
	}
	if f := sp.sc.fault; f.kind != faultNone {
		return sp.out, f.err(script)
	}
	sp.finish()
	return sp.out, nil
}

func checkBytes(script string) error {
	if n := strings.IndexByte(script, 0); n >= 0 {
		line, _ := LineCol(script, n)
		return invalidAt(n, "Line %d holds a NUL byte, which no database accepts. Delete it.", line)
	}
	if utf8.ValidString(script) {
		return nil
	}
	for n, r := range script {
		if r != utf8.RuneError {
			continue
		}
		if _, size := utf8.DecodeRuneInString(script[n:]); size == 1 {
			line, _ := LineCol(script, n)
			return invalidAt(n, "Line %d is not valid UTF-8. Save the script as UTF-8 and paste it again.", line)
		}
	}
	return nil
}

// splitter gathers tokens into statements.
type splitter struct {
	sc  *scanner
	out []Statement

	toks     []Token // significant tokens of the statement being read
	body     body
	start    int // of the statement or its leading comments; -1 if not begun
	end      int // of its last significant token
	sameLine bool
}

// reset begins the next statement.
func (sp *splitter) reset() {
	sp.toks = sp.toks[:0]
	sp.body = body{d: sp.sc.d}
	sp.start, sp.end = -1, -1
	sp.sc.conditions = conditions{}
}

func (sp *splitter) take(tok Token) {
	text := sp.sc.s[tok.Start:tok.End]
	switch tok.Kind {
	case TokenSpace:
		sp.takeSpace(text)
	case TokenComment:
		sp.takeComment(tok, text)
	case TokenCommand:
		sp.finish()
		sp.sameLine = false
	case TokenTerminator:
		if text == ";" && sp.body.holds() {
			sp.takeCode(tok, text)
			return
		}
		sp.finish()
		sp.sameLine = true
	default:
		sp.takeCode(tok, text)
	}
}

// takeSpace lets go of comments that trail the statement before.
func (sp *splitter) takeSpace(text string) {
	if sp.sameLine && strings.IndexByte(text, '\n') >= 0 {
		sp.sameLine = false
		if len(sp.toks) == 0 {
			sp.start = -1
		}
	}
}

func (sp *splitter) takeComment(tok Token, text string) {
	if sp.start < 0 {
		sp.start = tok.Start
	}
	if sp.sc.mark {
		sp.end = tok.End
	}
	if sp.sameLine && strings.IndexByte(text, '\n') >= 0 {
		sp.sameLine = false
	}
}

func (sp *splitter) takeCode(tok Token, text string) {
	if sp.start < 0 {
		sp.start = tok.Start
	}
	sp.end = tok.End
	sp.sameLine = false
	sp.body.feed(tok.Kind, text)
	sp.toks = append(sp.toks, tok)
}

// finish ends the statement being read, if there is one.
func (sp *splitter) finish() {
	if len(sp.toks) > 0 {
		v := classify(sp.sc.d, sp.sc.s, sp.toks)
		if sp.sc.conditions.seen {
			v = v.orWorse(sp.skipped(), sp.sc.conditions.mixed)
		}
		sp.out = append(sp.out, Statement{
			Text: sp.sc.s[sp.start:sp.end], Start: sp.start, End: sp.end,
			Keyword: v.keyword, Class: v.class, Danger: v.danger, Object: v.object,
		})
	}
	sp.reset()
}

// skipped classifies the statement as a server sees it on which none of its
// conditional comments is code.
func (sp *splitter) skipped() verdict {
	text := sp.sc.s[sp.start:sp.end]
	sc := newScanner(sp.sc.d, text)
	sc.skipCode, sc.fresh, sc.delim = true, false, sp.sc.delim
	var toks []Token
	ends := false
	for sc.next() {
		switch sc.tok.Kind {
		case TokenSpace, TokenComment:
		case TokenTerminator:
			ends = true
		default:
			toks = append(toks, sc.tok)
		}
	}
	if sc.fault.kind != faultNone || ends && sp.body.kind != bodyProgram {
		return verdict{class: Unknown}
	}
	if len(toks) == 0 {
		return verdict{class: Read}
	}
	return classify(sc.d, text, toks)
}
