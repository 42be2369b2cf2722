package pool_test

import (
	"strings"
	"testing"
	"time"

	"dribble/domain"
	"dribble/worker"
)

// Limits end a statement in a real database, quickly, and leave the worker usable.
func TestLimitsOnARealDatabase(t *testing.T) {
	t.Parallel()
	b := started(t, "", nil)
	lease := b.acquire(t)
	tests := []struct {
		name     string
		text     string
		limits   worker.Limits
		wantRows int64
		wantEnd  domain.Truncation
		wantCode string
	}{
		{"rows", endlessRows, worker.Limits{Rows: 10_000}, 10_000, domain.TruncatedRows, ""},
		{"as many rows as allowed", threeRows, worker.Limits{Rows: 3}, 3, "", ""},
		{"bytes", "SELECT 'ab' UNION ALL SELECT 'cd' UNION ALL SELECT 'ef'", worker.Limits{Bytes: 5}, 2, domain.TruncatedBytes, ""},
		{"time", endlessWork, worker.Limits{Timeout: 200 * time.Millisecond}, 0, "", domain.CodeTimeout},
	}
	for _, tt := range tests {
		begin := time.Now()
		end := limited(t, lease, tt.text, tt.limits)
		var code string
		if end.Error != nil {
			code = end.Error.Code
		}
		if end.Rows != tt.wantRows || end.Truncated != tt.wantEnd || code != tt.wantCode {
			t.Errorf("%s: got %+v, error %v", tt.name, end, end.Error)
		}
		if took := time.Since(begin); took > within(stopped) {
			t.Errorf("%s: took %v, want at most %v", tt.name, took, within(stopped))
		}
	}
	b.works(t, replaced)
}

// A cell over the limit fails its statement with words that help.
func TestLongCellOnARealDatabase(t *testing.T) {
	t.Parallel()
	b := started(t, "", nil)
	lease := b.acquire(t)
	failed := limited(t, lease, "SELECT hex(zeroblob(600))", worker.Limits{Cell: 1000}).Error
	if failed == nil || !strings.Contains(failed.Message, "1000 bytes") {
		t.Errorf("got %v, want an error that names the limit", failed)
	} else {
		t.Log(failed.Message)
	}
}
