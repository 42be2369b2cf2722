//go:build !race

package pool_test

const (
	manyRows = 1_000_000
	isRace   = false
)
