package db

import (
	"context"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"dribble/domain"
)

// Bounds of one page of Runs.
const (
	defaultRuns = 100
	maxRuns     = 1000
)

// RunFilter narrows Runs; its zero value asks for the newest runs of all kinds.
type RunFilter struct {
	Status   domain.RunStatus
	SourceID string
	QueryID  string
	Match    string // part of the SQL or of the query's name, in any case
	Limit    int    // 0 = 100; at most 1,000
	Cursor   string // what the page before returned as next; "" for the first
}

// Runs returns one page of the workspace's runs, newest first and without their
// statements, and the cursor of the next page, "" after the last. A cursor that was
// not made here is domain.Invalid. On SQLite, Match knows upper and lower case of
// SQL texts in ASCII alone.
func (s *Store) Runs(ctx context.Context, p domain.Principal, filter RunFilter) (runs []domain.Run, next string, err error) {
	limit := filter.Limit
	if limit <= 0 {
		limit = defaultRuns
	}
	limit = min(limit, maxRuns)
	page, args, err := runsPage(p, filter, limit+1)
	if err != nil {
		return nil, "", err
	}
	// Names are joined to the page alone, so no planner may sort all runs for them.
	rows, err := s.read.QueryContext(ctx, runColumns+" FROM ("+page+") r"+runNames+
		" ORDER BY r.created_at DESC, r.id DESC", args...)
	runs, err = collect(rows, err, scanRun)
	if err != nil {
		return nil, "", fail("read runs", err)
	}
	if len(runs) > limit {
		runs = runs[:limit]
		next = runCursor(runs[limit-1])
	}
	return runs, next, nil
}

// runsPage selects the rows of one page.
func runsPage(p domain.Principal, filter RunFilter, limit int) (string, []any, error) {
	w := where{}
	w.add("r.workspace_id = ?", p.WorkspaceID)
	if filter.Status != "" {
		w.add("r.status = ?", filter.Status)
	}
	if filter.SourceID != "" {
		w.add("r.source_id = ?", filter.SourceID)
	}
	if filter.QueryID != "" {
		w.add("r.query_id = ?", filter.QueryID)
	}
	if filter.Match != "" {
		w.add(`(LOWER(r.sql_text) LIKE LOWER(?) ESCAPE '\' OR r.query_id IN
			(SELECT id FROM queries WHERE workspace_id = ? AND name_key LIKE ? ESCAPE '\'))`,
			containing(storable(filter.Match)), p.WorkspaceID, containing(fold(filter.Match)))
	}
	if filter.Cursor != "" {
		at, id, err := parseRunCursor(filter.Cursor)
		if err != nil {
			return "", nil, err
		}
		w.add("(r.created_at, r.id) < (?, ?)", at, id)
	}
	text := "SELECT r.* FROM query_runs r" + w.text() + " ORDER BY r.created_at DESC, r.id DESC LIMIT " + w.bind(limit)
	return text, w.args, nil
}

// runCursor names the place after a run in the order of Runs.
func runCursor(r domain.Run) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(r.CreatedAt.UnixMicro(), 10) + " " + r.ID))
}

func parseRunCursor(cursor string) (time.Time, string, error) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	micros, id, ok := strings.Cut(string(text), " ")
	n, numberErr := strconv.ParseInt(micros, 10, 64)
	const future = 1 << 53 // year 2255, far from where databases' timestamps end
	if err != nil || numberErr != nil || !ok || n < 0 || n > future || checkText("cursor", id) != nil {
		return time.Time{}, "", domain.FieldError("cursor", "The cursor is not one that this list returned.")
	}
	return time.UnixMicro(n).UTC(), id, nil
}
