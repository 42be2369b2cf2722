package sqltext

// Statement is one statement of a script.
type Statement struct {
	Text       string // script[Start:End]
	Start, End int    // bytes; leading comments are inside, the terminator and comments before it are not
	Keyword    string // first word, upper-case: "WITH", "SELECT" also for "(SELECT …)"; "" if it begins with none
	Class      Class
	Danger     Danger
	Object     string // best effort: the name, as written, of what a write or DDL touches
}

// Class says what a statement does, as far as its text tells. What functions
// do that it calls cannot be known.
type Class string

// The classes.
const (
	Read        Class = "read"
	Write       Class = "write"
	DDL         Class = "ddl"         // also GRANT, VACUUM and server administration
	Transaction Class = "transaction" // BEGIN, COMMIT, SAVEPOINT, LOCK …
	Session     Class = "session"     // changes the session only: SET, USE, LISTEN, ATTACH, cursors …
	Unknown     Class = "unknown"     // treat it as the worst
)

// rank orders classes by what they may do.
func (c Class) rank() int {
	switch c {
	case Read:
		return 0
	case Session:
		return 1
	case Transaction:
		return 2
	case Write:
		return 4
	case DDL:
		return 5
	}
	return 3
}

// Danger says why a statement needs a confirmation.
type Danger string

// The dangers.
const (
	DangerNone      Danger = ""
	DangerNoWhere   Danger = "no_where" // UPDATE or DELETE without WHERE, in a CTE too
	DangerTruncate  Danger = "truncate"
	DangerDrop      Danger = "drop"
	DangerAlterDrop Danger = "alter_drop"
)
