package sqltext

// body follows the statements that hold others (SQL function bodies, stored
// programs, triggers, rules), whose inner semicolons end nothing. It is fed
// every significant token of one statement in order.
type body struct {
	d     Dialect
	kind  bodyKind
	words int    // unquoted words seen, while the kind is being decided
	prev  string // the last token if it was an unquoted word, upper-case; "=" for an operator

	parens int
	depth  int  // open BEGIN and CASE
	ended  bool // MySQL: the last word was END; what follows says of what
	tail   tail // SQLite: how much of "; END" has just been seen
}

type bodyKind uint8

const (
	bodyOpen    bodyKind = iota // not yet decided
	bodyNone                    // an ordinary statement
	bodyRoutine                 // PostgreSQL: CREATE FUNCTION or PROCEDURE
	bodyRule                    // PostgreSQL: CREATE RULE
	bodyProgram                 // MySQL: CREATE PROCEDURE, FUNCTION, TRIGGER, EVENT; BEGIN NOT ATOMIC
	bodyTrigger                 // SQLite: CREATE TRIGGER
)

type tail uint8

const (
	tailNone tail = iota
	tailSemicolon
	tailEnd
)

// holds reports whether a semicolon right here belongs to the statement.
func (b *body) holds() bool {
	switch b.kind {
	case bodyRoutine:
		return b.depth > 0
	case bodyRule:
		return b.parens > 0
	case bodyProgram:
		return b.depth > 1 || b.depth == 1 && !b.ended
	case bodyTrigger:
		return b.tail != tailEnd
	}
	return false
}

// feed takes the next significant token, text being its characters.
func (b *body) feed(kind TokenKind, text string) {
	if b.kind == bodyNone {
		return
	}
	word := ""
	if kind == tokenWord {
		word = upper(text)
	}
	if b.kind == bodyOpen {
		b.decide(kind, word)
	}
	switch b.kind {
	case bodyRoutine, bodyRule:
		b.feedPostgres(text, word)
	case bodyProgram:
		b.feedMySQL(word)
	case bodyTrigger:
		b.feedSQLite(text, word)
	}
	b.prev = word
	if kind == TokenOperator {
		b.prev = "="
	}
}

// decide finds out from the first words what kind of statement this is.
func (b *body) decide(kind TokenKind, word string) {
	if kind != tokenWord {
		if b.words == 0 {
			b.kind = bodyNone
		}
		return
	}
	b.words++
	if b.words == 1 {
		switch {
		case word == "CREATE", word == "EXPLAIN" && b.d == SQLite, word == "BEGIN" && b.d == MySQL:
		default:
			b.kind = bodyNone
		}
		return
	}
	b.kind = b.decideNext(word)
}

func (b *body) decideNext(word string) bodyKind {
	switch b.d {
	case SQLite:
		switch word {
		case "CREATE", "QUERY", "PLAN", "TEMP", "TEMPORARY":
			return bodyOpen
		case "TRIGGER":
			return bodyTrigger
		}
	case MySQL:
		switch {
		case b.prev == "=", word == "OR", word == "REPLACE", word == "DEFINER", word == "AGGREGATE":
			return bodyOpen
		case word == "PROCEDURE", word == "FUNCTION", word == "TRIGGER", word == "EVENT":
			return bodyProgram
		case word == "NOT" && b.prev == "BEGIN":
			b.depth = 1
			return bodyProgram
		}
	default:
		switch word {
		case "OR", "REPLACE":
			return bodyOpen
		case "FUNCTION", "PROCEDURE":
			return bodyRoutine
		case "RULE":
			return bodyRule
		}
	}
	return bodyNone
}

// feedPostgres counts BEGIN ATOMIC … END and the CASE … END inside it. A word
// behind AS is a label.
func (b *body) feedPostgres(text, word string) {
	switch {
	case text == "(":
		b.parens++
	case text == ")":
		b.parens = max(b.parens-1, 0)
	case b.prev == "AS":
	case word == "ATOMIC" && b.prev == "BEGIN":
		b.depth++
	case word == "CASE" && b.depth > 0:
		b.depth++
	case word == "END":
		b.depth = max(b.depth-1, 0)
	}
}

// feedMySQL counts BEGIN … END and CASE … END [CASE]; what ends with END IF,
// END LOOP, END WHILE and END REPEAT needs no count.
func (b *body) feedMySQL(word string) {
	if b.ended {
		b.ended = false
		switch word {
		case "IF", "LOOP", "WHILE", "REPEAT":
			return
		}
		b.depth = max(b.depth-1, 0)
		if word == "CASE" {
			return
		}
	}
	switch word {
	case "BEGIN", "CASE":
		b.depth++
	case "END":
		b.ended = true
	}
}

// feedSQLite waits for "; END", as the sqlite3 shell does.
func (b *body) feedSQLite(text, word string) {
	switch {
	case text == ";":
		b.tail = tailSemicolon
	case word == "END" && b.tail == tailSemicolon:
		b.tail = tailEnd
	default:
		b.tail = tailNone
	}
}
