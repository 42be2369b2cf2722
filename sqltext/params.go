package sqltext

// Param is one {{name}} in a text, text[Start:End], in bytes.
type Param struct {
	Name       string
	Start, End int
}

// Params finds the parameters of text in order, each occurrence on its own.
// Strings, comments and quoted names hold none.
func Params(d Dialect, text string) []Param {
	var params []Param
	sc := newScanner(d, text)
	for sc.next() {
		if sc.tok.Kind == TokenParam {
			params = append(params, param(text, sc.tok))
		}
	}
	return params
}

func param(text string, tok Token) Param {
	start := skipBlanks(text, tok.Start+2)
	end := start
	for paramPart(text[end], end == start) {
		end++
	}
	return Param{Name: text[start:end], Start: tok.Start, End: tok.End}
}
