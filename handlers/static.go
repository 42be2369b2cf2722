package handlers

import (
	"net/http"

	"dribble/static"
)

func (s *Server) favicon(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, static.URL("icons/favicon.svg"), http.StatusFound)
}
