package handlers

import (
	_ "embed" // the API's description is a file
	"net/http"
)

//go:embed openapi.json
var openAPI []byte //nolint:gochecknoglobals // embedded files are variables

// apiDocument answers the OpenAPI description of the API. A test holds it against
// the routes and against the types that are answered.
func (s *Server) apiDocument(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	_, err := w.Write(openAPI)
	return err
}
