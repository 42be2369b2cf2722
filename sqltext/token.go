package sqltext

import "iter"

// TokenKind says what a token is.
type TokenKind uint8

// The kinds. Together the tokens of a text cover each of its bytes once.
const (
	TokenSpace       TokenKind = iota
	TokenComment               // also the marks /*!50000 and */ round MySQL's executable comments
	TokenString                // with its prefix (E'…', x'…') or dollar quotes
	TokenQuotedIdent           // "name", `name`, [name]
	TokenIdent                 // a name, also MySQL's @variable
	TokenKeyword               // an unquoted word that IsKeyword knows and that is no part of a dotted name
	TokenNumber
	TokenOperator
	TokenPunct       // ( ) [ ] { } , . and ; where it ends nothing
	TokenParam       // {{name}}
	TokenPlaceholder // $1, ?, ?1, :name as the database itself reads them
	TokenTerminator  // the end of a statement: ; or what DELIMITER made it; \g and \G in MySQL
	TokenCommand     // a line for a client program: DELIMITER, psql's \d, sqlite3's .tables

	tokenWord // inside the package: an unquoted word, keyword or name
)

// String gives the kind's name as used for style classes: "keyword".
func (k TokenKind) String() string {
	switch k {
	case TokenSpace:
		return "space"
	case TokenComment:
		return "comment"
	case TokenString:
		return "string"
	case TokenQuotedIdent:
		return "quoted"
	case TokenIdent, tokenWord:
		return "ident"
	case TokenKeyword:
		return "keyword"
	case TokenNumber:
		return "number"
	case TokenOperator:
		return "operator"
	case TokenPunct:
		return "punct"
	case TokenParam:
		return "param"
	case TokenPlaceholder:
		return "placeholder"
	case TokenTerminator:
		return "terminator"
	case TokenCommand:
		return "command"
	}
	return "unknown"
}

// Token is one piece of a text, text[Start:End], in bytes.
type Token struct {
	Kind       TokenKind
	Start, End int
}

// Scan gives the tokens of text in order. It accepts any bytes: what is never
// closed runs to the end of the text.
func Scan(d Dialect, text string) iter.Seq[Token] {
	return func(yield func(Token) bool) {
		sc := newScanner(d, text)
		for sc.next() {
			tok := sc.tok
			if tok.Kind == tokenWord {
				tok.Kind = TokenIdent
				if IsKeyword(d, text[tok.Start:tok.End]) {
					tok.Kind = TokenKeyword
				}
			}
			if !yield(tok) {
				return
			}
		}
	}
}
