// Package postgres is the engine for PostgreSQL 12 and newer. Statements go over
// the extended protocol, one a call, and rows come back in the server's own text
// form without being decoded. It knows nothing of HTTP or of the web side.
package postgres

import (
	"dribble/engine"
)

// Engine opens PostgreSQL databases. It has no state.
type Engine struct{}

var _ engine.Engine = Engine{}

// New returns the engine.
func New() Engine { return Engine{} }

// Open checks the fields and prepares access without connecting. Its error is a
// *domain.Error with the field at fault.
func (e Engine) Open(cfg engine.Config) (engine.DB, error) {
	set, err := newSettings(e.Spec(), cfg)
	if err != nil {
		return nil, err
	}
	return newDatabase(set), nil
}
