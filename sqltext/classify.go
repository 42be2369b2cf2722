package sqltext

// verdict is what a statement's words tell about it.
type verdict struct {
	keyword string
	class   Class
	danger  Danger
	object  string
}

// orWorse joins the verdicts on a statement read with and without the code of
// its conditional comments. With several different conditions a server may
// run some and not others; then only the suspicion is certain.
func (v verdict) orWorse(other verdict, mixed bool) verdict {
	if other.class.rank() > v.class.rank() {
		v.class = other.class
	}
	if v.danger == DangerNone && other.danger != DangerNone {
		v.danger, v.object = other.danger, other.object
	}
	if mixed && v.class == Read {
		v.class = Unknown
	}
	return v
}

// classify judges one statement by its significant tokens, in one pass. There
// is at least one.
func classify(d Dialect, s string, toks []Token) verdict {
	r := reader{d, s, toks}
	at, runs := r.unwrap()
	v := verdict{keyword: r.word(r.skipParens(0)), class: Read}
	if !runs {
		return v
	}
	verb := r.word(at)
	switch verb {
	case "SELECT", "WITH", "VALUES", "TABLE", "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "UPSERT":
		v.class, v.danger, v.object = r.query(at)
		return v
	}
	v.class = r.verbClass(at, verb)
	v.danger = r.verbDanger(at, verb)
	v.object = r.verbObject(at, verb)
	if v.class == Session {
		v.danger = DangerNone
	}
	return v
}

// unwrap looks through EXPLAIN and its like: at is where the inner statement
// begins, runs whether it is executed.
func (r reader) unwrap() (at int, runs bool) {
	for {
		at = r.skipParens(at)
		word := r.word(at)
		explain := word == "EXPLAIN" || r.d == MySQL && (word == "DESCRIBE" || word == "DESC")
		switch {
		case explain:
			inner, executes := r.skipExplain(at + 1)
			if !executes {
				return at, false
			}
			at = inner
		case r.d == MySQL && word == "ANALYZE" && r.analyzesStatement(at+1):
			at, _ = r.skipExplain(at + 1)
		case r.d == MySQL && word == "SET" && r.word(at+1) == "STATEMENT":
			inner := r.find(at+2, "FOR")
			if inner < 0 {
				return at, true
			}
			at = inner + 1
		default:
			return at, true
		}
	}
}

// skipExplain passes EXPLAIN's options and reports whether they make it
// execute the statement.
func (r reader) skipExplain(at int) (inner int, executes bool) {
	if r.d == SQLite {
		return at, false
	}
	if r.d == Postgres && r.text(at) == "(" {
		return r.skipOptions(at + 1)
	}
	for {
		switch r.word(at) {
		case "ANALYZE", "ANALYSE":
			executes = true
			at++
		case "VERBOSE", "EXTENDED", "PARTITIONS":
			at++
		case "FORMAT":
			at += 3 // FORMAT = JSON
		default:
			return at, executes
		}
	}
}

// skipOptions passes PostgreSQL's parenthesised options. ANALYZE counts unless
// its value is plainly a no.
func (r reader) skipOptions(at int) (inner int, executes bool) {
	for ; at < len(r.toks) && r.text(at) != ")"; at++ {
		if w := r.word(at); w != "ANALYZE" && w != "ANALYSE" {
			continue
		}
		switch upper(r.text(at + 1)) {
		case "FALSE", "OFF", "0", "'FALSE'", "'OFF'":
		default:
			executes = true
		}
	}
	return at + 1, executes
}

// analyzesStatement tells MariaDB's ANALYZE SELECT … from ANALYZE TABLE t.
func (r reader) analyzesStatement(at int) bool {
	switch r.word(at) {
	case "SELECT", "WITH", "VALUES", "INSERT", "UPDATE", "DELETE", "REPLACE", "FORMAT":
		return true
	}
	return r.text(at) == "("
}
