package query

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"time"

	"dribble/domain"
)

// Cache keeps small values for a while, in this process or in Redis. A value that
// cannot be read is a miss; implementations log and swallow their failures.
type Cache interface {
	Get(ctx context.Context, key string) ([]byte, bool)
	Set(ctx context.Context, key string, value []byte, ttl time.Duration)
}

// cacheKey names what a run reads: the source in its present configuration, the
// statements, their parameters and the row limit. ok is false if the run must
// not be cached. The cache maps it to the ID of the run that last answered; the
// rows stay in the result store.
func cacheKey(src domain.Source, p plan, rows int) (key string, ok bool) {
	if src.CacheTTL <= 0 || !p.reads {
		return "", false
	}
	parts := []any{src.ID, src.Revision, rows}
	for _, st := range p.statements {
		parts = append(parts, st.bound.Text, st.bound.Args)
	}
	text, err := json.Marshal(parts)
	if err != nil {
		return "", false
	}
	sum := sha256.Sum256(text)
	return "run:" + hex.EncodeToString(sum[:]), true
}

// fromCache ends run with the stored result of an earlier one, if there is one
// young enough. The run keeps its own row and says where its result is from.
func (s *Service) fromCache(ctx context.Context, p domain.Principal, key string, run domain.Run) (domain.Run, bool) {
	id, ok := s.cache.Get(ctx, key)
	if !ok {
		return run, false
	}
	earlier, err := s.store.Run(ctx, p, string(id))
	if err != nil {
		return run, false
	}
	snap := s.stored(ctx, p, earlier)
	for _, st := range snap.Run.Statements {
		if st.HasRows && st.ResultKey == "" {
			return run, false // expired meanwhile
		}
	}
	// The times are those of the earlier run: they say how old the rows are.
	run.Status, run.StartedAt, run.FinishedAt = domain.RunSuccess, earlier.StartedAt, earlier.FinishedAt
	run.RowCount, run.Bytes, run.Statements = earlier.RowCount, earlier.Bytes, earlier.Statements
	run.CachedFrom = earlier.ID
	if err := s.store.FinishRun(ctx, run); err != nil {
		s.log.ErrorContext(ctx, "store cached run", slog.String("run", run.ID), slog.Any("error", err))
		return run, false
	}
	s.saveColumns(ctx, run.ID, snap.Columns)
	s.observe(run)
	return run, true
}
