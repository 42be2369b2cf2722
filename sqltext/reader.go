package sqltext

// reader looks at one statement's significant tokens by index. Any index may
// be asked; past the end there is only "".
type reader struct {
	d    Dialect
	s    string
	toks []Token
}

// text gives token i as written.
func (r reader) text(i int) string {
	if i < 0 || i >= len(r.toks) {
		return ""
	}
	return r.s[r.toks[i].Start:r.toks[i].End]
}

// word gives token i in upper case if it is an unquoted word outside a dotted
// name, else "".
func (r reader) word(i int) string {
	if i < 0 || i >= len(r.toks) || r.toks[i].Kind != tokenWord {
		return ""
	}
	return upper(r.text(i))
}

// skipParens passes opening parentheses.
func (r reader) skipParens(i int) int {
	for r.text(i) == "(" {
		i++
	}
	return i
}

// skipWords passes the given words in any order.
func (r reader) skipWords(i int, words ...string) int {
	for {
		w := r.word(i)
		if w == "" || !oneOf(w, words...) {
			return i
		}
		i++
	}
}

// find gives the index of a word at or behind i outside parentheses, -1 if it
// is not there.
func (r reader) find(i int, word string) int {
	depth := 0
	for ; i < len(r.toks); i++ {
		switch r.text(i) {
		case "(":
			depth++
		case ")":
			depth--
		}
		if depth == 0 && r.word(i) == word {
			return i
		}
	}
	return -1
}

// name gives the dotted name that begins at token i, as written.
func (r reader) name(i int) string {
	if !r.isName(i) {
		return ""
	}
	last := i
	for r.text(last+1) == "." && r.isName(last+2) {
		last += 2
	}
	return r.s[r.toks[i].Start:r.toks[last].End]
}

func (r reader) isName(i int) bool {
	if i >= len(r.toks) {
		return false
	}
	switch r.toks[i].Kind {
	case tokenWord, TokenIdent, TokenQuotedIdent:
		return true
	}
	return false
}

func oneOf(word string, words ...string) bool {
	for _, w := range words {
		if w == word {
			return true
		}
	}
	return false
}
