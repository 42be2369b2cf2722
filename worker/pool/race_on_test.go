//go:build race

package pool_test

// manyRows is smaller here: the race detector makes SQLite some forty times slower.
const manyRows = 50_000
