//go:build race

package db

// manyRuns is smaller under the race detector, which embedded SQLite is very slow
// with; the plans are the same.
const manyRuns = 20_000
