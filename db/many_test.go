//go:build !race

package db

const manyRuns = 200_000
