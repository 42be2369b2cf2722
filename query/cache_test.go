package query

import (
	"testing"
	"time"

	"dribble/domain"
)

func TestCachedRunKeepsItsColumnsWhenTheRowsExpire(t *testing.T) {
	t.Parallel()
	b := newBed(t, func(s *domain.Source) { s.CacheTTL = time.Minute })
	b.ended(t, Request{SQL: "SELECT 1 AS a, 2 AS b"})
	second := b.ended(t, Request{SQL: "SELECT 1 AS a, 2 AS b"})
	if second.Run.CachedFrom == "" {
		t.Fatal("the second run did not come from the cache")
	}
	if _, err := b.results.Sweep(t.Context(), time.Now().Add(time.Hour), 1); err != nil {
		t.Fatal(err)
	}
	snap, err := b.Now(t.Context(), b.who, second.Run.ID)
	if err != nil || len(snap.Columns[0]) != 2 {
		t.Errorf("columns after expiry: got %+v, %v; want two", snap.Columns, err)
	}
	if third := b.ended(t, Request{SQL: "SELECT 1 AS a, 2 AS b"}); third.Run.CachedFrom != "" {
		t.Error("an expired result was given from the cache")
	}
}
