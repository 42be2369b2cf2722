package handlers

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"

	"dribble/domain"
	"dribble/static"
)

func (s *Server) favicon(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, static.URL("icons/favicon.svg"), http.StatusFound)
}

// indentJSON spreads a JSON value over lines; what is not JSON stays as it is.
func indentJSON(text string) string {
	var out bytes.Buffer
	if json.Indent(&out, []byte(text), "", "  ") != nil {
		return text
	}
	return out.String()
}

func asDomain(err error, target **domain.Error) bool { return errors.As(err, target) }
