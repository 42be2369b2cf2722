package mysql

import (
	"fmt"
	"time"

	"dribble/engine"
)

// maxWarnings bounds the warnings of one statement that are passed on.
const maxWarnings = 20

// tell passes on what the server noted beside the result. It asks for warnings
// only if the server counted some. Asking leaves LAST_INSERT_ID() and the
// warnings themselves alone, but not ROW_COUNT().
func (s *session) tell(end ending, sink engine.Sink) {
	if end.results > 1 {
		sink.Notice(fmt.Sprintf("The statement returned %d results; the first one is shown.", end.results))
	}
	if end.warnings == 0 {
		return
	}
	w := s.wire
	if w.conn.SetDeadline(time.Now().Add(pingWithin)) != nil {
		return
	}
	rows, err := w.records(fmt.Sprintf("SHOW WARNINGS LIMIT %d", maxWarnings))
	if err != nil {
		return
	}
	_ = w.conn.SetDeadline(time.Time{})
	for _, r := range rows {
		sink.Notice(fmt.Sprintf("%s %s: %s", r[0].text, r[1].text, r[2].text))
	}
	if more := end.warnings - len(rows); more > 0 {
		sink.Notice(fmt.Sprintf("%d more warnings.", more))
	}
}
