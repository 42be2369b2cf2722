package handlers

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"dribble/query"
)

// progressEvery spaces progress messages to a viewer: at most four a second.
const progressEvery = 250 * time.Millisecond

// apiEvents streams a run as JSON events: status, columns, rows, statement, done.
// Every event's data is complete in itself, so a viewer that reconnects needs
// nothing from before.
func (s *Server) apiEvents(w http.ResponseWriter, r *http.Request) error {
	id := chi.URLParam(r, "id")
	snap, err := s.runs.Now(r.Context(), principal(r), id)
	if err != nil {
		return err
	}
	stream := newStream(w, r)
	told := teller{stream: stream, ended: map[int]bool{}, columns: map[int]bool{}, rows: map[int]int64{}}
	for {
		if err := told.tell(snap); err != nil || snap.Done() {
			return nil //nolint:nilerr // the viewer has left; the run goes on
		}
		if snap, err = s.follow(r, stream, snap); err != nil {
			return nil //nolint:nilerr // the viewer has left; the run goes on
		}
	}
}

// follow waits for the next change of a run after what a viewer was told last,
// keeping the stream alive. The first rows and the end are passed on at once; other
// changes gather until progressEvery has gone by since the last message.
func (s *Server) follow(r *http.Request, stream *eventStream, told query.Snapshot) (query.Snapshot, error) {
	type outcome struct {
		snap query.Snapshot
		err  error
	}
	soonest := time.Now().Add(progressEvery)
	next := make(chan outcome, 1)
	id := told.Run.ID
	go func() {
		snap, err := s.runs.Next(r.Context(), principal(r), id, told.Seq)
		next <- outcome{snap, err}
	}()
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		select {
		case o := <-next:
			if o.err != nil || o.snap.Done() || told.Run.RowCount == 0 && o.snap.Run.RowCount > 0 {
				return o.snap, o.err
			}
			if told.Run.RowCount == 0 {
				return s.firstRowsOr(r, soonest, o.snap)
			}
			select {
			case <-time.After(time.Until(soonest)):
			case <-r.Context().Done():
				return o.snap, r.Context().Err()
			}
			return s.runs.Now(r.Context(), principal(r), id)
		case <-beat.C:
			if err := stream.beat(); err != nil {
				return query.Snapshot{}, err
			}
		}
	}
}

// firstRowsOr waits for the first rows or the end, until other changes may be told.
func (s *Server) firstRowsOr(r *http.Request, until time.Time, snap query.Snapshot) (query.Snapshot, error) {
	ctx, cancel := context.WithDeadline(r.Context(), until)
	defer cancel()
	for snap.Run.RowCount == 0 && !snap.Done() {
		next, err := s.runs.Next(ctx, principal(r), snap.Run.ID, snap.Seq)
		if err != nil {
			return snap, r.Context().Err()
		}
		snap = next
	}
	return snap, nil
}

// firstWindow is how many rows a stream renders itself; the rest is fetched.
const firstWindow = 100

// teller remembers what a viewer has been told.
type teller struct {
	stream  *eventStream
	status  string
	columns map[int]bool
	rows    map[int]int64
	ended   map[int]bool
}

func (t *teller) tell(snap query.Snapshot) error {
	id := strconv.FormatInt(snap.Seq, 10)
	run := snapshotJSON(snap)
	if now := run.Status + snap.Phase.Name + strconv.Itoa(snap.Phase.Ahead); now != t.status {
		t.status = now
		if err := t.send("status", id, map[string]any{"status": run.Status, "phase": snap.Phase.Name, "ahead": snap.Phase.Ahead}); err != nil {
			return err
		}
	}
	for _, st := range run.Statements {
		if st.Columns != nil && !t.columns[st.Seq] {
			t.columns[st.Seq] = true
			if err := t.send("columns", id, map[string]any{"statement": st.Seq, "columns": st.Columns}); err != nil {
				return err
			}
		}
		if st.RowCount != t.rows[st.Seq] {
			t.rows[st.Seq] = st.RowCount
			if err := t.send("rows", id, map[string]any{"statement": st.Seq, "row_count": st.RowCount}); err != nil {
				return err
			}
		}
		if st.Status != "running" && !t.ended[st.Seq] {
			t.ended[st.Seq] = true
			if err := t.send("statement", id, st); err != nil {
				return err
			}
		}
	}
	if snap.Done() {
		return t.send("done", id, run)
	}
	return nil
}

func (t *teller) send(name, id string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return t.stream.send(name, id, string(text))
}
