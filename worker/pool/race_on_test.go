//go:build race

package pool_test

const (
	// manyRows is smaller here: the race detector makes SQLite some forty times slower.
	manyRows = 50_000
	// isRace says that workers map terabytes of shadow memory, which no bound on
	// memory can hold.
	isRace = true
)
