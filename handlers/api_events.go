package handlers

import (
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
	stream := newStream(w)
	told := teller{stream: stream, ended: map[int]bool{}, columns: map[int]bool{}, rows: map[int]int64{}}
	for {
		if err := told.tell(snap); err != nil || snap.Done() {
			return nil //nolint:nilerr // the viewer has left; the run goes on
		}
		if snap, err = s.follow(r, stream, id, snap.Seq); err != nil {
			return nil //nolint:nilerr // the viewer has left; the run goes on
		}
	}
}

// follow waits for the next change of a run, keeping the stream alive, and no
// sooner than progressEvery unless the run has ended.
func (s *Server) follow(r *http.Request, stream *eventStream, id string, seen int64) (query.Snapshot, error) {
	type outcome struct {
		snap query.Snapshot
		err  error
	}
	next := make(chan outcome, 1)
	go func() {
		snap, err := s.runs.Next(r.Context(), principal(r), id, seen)
		next <- outcome{snap, err}
	}()
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		select {
		case o := <-next:
			if o.err != nil || o.snap.Done() {
				return o.snap, o.err
			}
			return s.settle(r, id, o.snap)
		case <-beat.C:
			if err := stream.beat(); err != nil {
				return query.Snapshot{}, err
			}
		}
	}
}

// settle lets changes gather for a moment, but passes the first rows and the end
// on at once.
func (s *Server) settle(r *http.Request, id string, snap query.Snapshot) (query.Snapshot, error) {
	if snap.Run.RowCount <= firstWindow {
		return snap, nil
	}
	select {
	case <-time.After(progressEvery):
	case <-r.Context().Done():
		return snap, r.Context().Err()
	}
	return s.runs.Now(r.Context(), principal(r), id)
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
