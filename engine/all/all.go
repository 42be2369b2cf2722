// Package all is the list of engines that Dribble has. Adding an engine means
// adding its folder and one line here.
package all

import (
	"dribble/engine"
	"dribble/engine/mysql"
	"dribble/engine/postgres"
	"dribble/engine/sqlite"
)

// Engines returns every engine, for a worker, in the order the forms show them.
func Engines() []engine.Engine {
	return []engine.Engine{
		postgres.New(),
		mysql.New(),
		sqlite.New(),
	}
}

// Specs returns every engine's public face, for the web side.
func Specs() []engine.Spec {
	engines := Engines()
	specs := make([]engine.Spec, len(engines))
	for i, e := range engines {
		specs[i] = e.Spec()
	}
	return specs
}

// Find returns the engine called name.
func Find(name string) (engine.Engine, bool) {
	for _, e := range Engines() {
		if e.Spec().Name == name {
			return e, true
		}
	}
	return nil, false
}
