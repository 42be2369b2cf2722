package sqltext

// frame is one level of parentheses in a query, the outermost included.
type frame struct {
	verb  string // its statement's verb, "" if it is none or not found yet
	at    int    // index of the verb
	begun bool   // it has a token
	with  bool   // it begins with WITH; the verb comes behind the CTEs
	cte   bool   // it opened behind AS or MATERIALIZED
	where bool
}

// walk is the state of one pass over a query.
type walk struct {
	reader
	frames   []frame
	modifies bool // some frame inserts, updates, deletes or merges
	into     bool // SELECT … INTO a table or file
	danger   Danger
	object   string // of the dangerous frame, else of the outermost
}

// query judges SELECT, WITH, VALUES, TABLE and the data-modifying verbs, which
// may stand in one another.
func (r reader) query(at int) (Class, Danger, string) {
	w := walk{reader: r, frames: []frame{{}}}
	for i := at; i < len(r.toks); i++ {
		w.take(i)
	}
	main := w.frames[0].verb
	for len(w.frames) > 0 {
		w.close()
	}
	switch {
	case w.modifies || w.into:
		return Write, w.danger, w.object
	case main == "":
		return Unknown, w.danger, w.object
	}
	return Read, DangerNone, ""
}

func (w *walk) take(i int) {
	top := &w.frames[len(w.frames)-1]
	switch w.text(i) {
	case "(":
		if top.with && top.verb == "" && w.text(i-1) == ")" {
			top.verb, top.at = "SELECT", i // WITH … (SELECT …)
		}
		top.begun = true
		before := w.word(i - 1)
		w.frames = append(w.frames, frame{cte: before == "AS" || before == "MATERIALIZED"})
		return
	case ")":
		if len(w.frames) > 1 {
			w.close()
		}
		return
	}
	w.takeWord(top, i)
	top.begun = true
}

func (w *walk) takeWord(top *frame, i int) {
	word := w.word(i)
	switch {
	case word == "":
	case word == "INTO":
		w.takeInto(top, i)
	case word == "WHERE":
		top.where = true
	case top.verb != "":
	case !top.begun && word == "WITH":
		top.with = true
	case !top.begun && w.opens(top, i, word), top.with && top.begun && w.follows(i, word):
		top.verb, top.at = word, i
	}
}

// opens reports whether a word that comes first in its frame is a verb. In
// a parenthesis that is no CTE it might be a column or a function.
func (w *walk) opens(top *frame, i int, word string) bool {
	if !isVerb(word) {
		return false
	}
	if len(w.frames) == 1 || top.cte || word == "SELECT" || word == "VALUES" {
		return true
	}
	next := w.word(i + 1)
	return next == "INTO" || word == "DELETE" && next == "FROM"
}

// follows reports whether a word in a frame that begins with WITH is its main
// verb and not the name of a CTE or a label.
func (w *walk) follows(i int, word string) bool {
	return isVerb(word) && !oneOf(w.word(i-1), "WITH", "RECURSIVE", "AS") && w.text(i-1) != ","
}

// takeInto notes SELECT … INTO. Into a MySQL variable it writes nothing.
func (w *walk) takeInto(top *frame, i int) {
	if isChange(top.verb) || w.word(i-1) == "AS" {
		return
	}
	if next := w.text(i + 1); w.d == MySQL && next != "" && next[0] == '@' {
		return
	}
	w.into = true
	if w.object == "" && w.d == Postgres {
		w.object = w.name(w.skipWords(i+1, "TEMPORARY", "TEMP", "UNLOGGED", "TABLE"))
	}
}

// close judges the innermost frame and leaves it.
func (w *walk) close() {
	top := w.frames[len(w.frames)-1]
	w.frames = w.frames[:len(w.frames)-1]
	if !isChange(top.verb) {
		return
	}
	w.modifies = true
	object := w.changedObject(top.at, top.verb)
	if w.danger == DangerNone && !top.where && (top.verb == "UPDATE" || top.verb == "DELETE") {
		w.danger, w.object = DangerNoWhere, object
	}
	if w.object == "" || len(w.frames) == 0 && w.danger == DangerNone {
		w.object = object
	}
}

func isVerb(word string) bool {
	return oneOf(word, "SELECT", "VALUES", "TABLE") || isChange(word)
}

func isChange(word string) bool {
	return oneOf(word, "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "UPSERT")
}
