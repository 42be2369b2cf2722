package handlers_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// event is one message of a stream.
type event struct{ id, name, data string }

// events reads a stream to its end, or until stop says so.
func events(t *testing.T, body io.Reader, stop func(event) bool) []event {
	t.Helper()
	var list []event
	var e event
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, 8<<20)
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), ": ")
		switch key {
		case "id":
			e.id = value
		case "event":
			e.name = value
		case "data":
			if e.data != "" {
				e.data += "\n"
			}
			e.data += value
		case "":
			if e.data == "" {
				continue
			}
			list = append(list, e)
			if stop != nil && stop(e) {
				return list
			}
			e = event{}
		}
	}
	return list
}

func kinds(list []event) string {
	names := make([]string, len(list))
	for i, e := range list {
		names[i] = e.name
	}
	return strings.Join(names, " ")
}

func TestEventsOfARun(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src := b.shop(t)
	r := b.succeeded(t, src, "SELECT id FROM orders; UPDATE orders SET total = 2 WHERE id = 1")
	res := b.open(t, request{method: http.MethodGet, path: "/api/v1/runs/" + r.ID + "/events"})
	if got := res.Header.Get("Content-Type"); res.StatusCode != 200 || got != "text/event-stream" {
		t.Fatalf("got %d %s", res.StatusCode, got)
	}
	if res.Header.Get("X-Accel-Buffering") != "no" || res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("a proxy may hold events back: %v", res.Header)
	}
	list := events(t, res.Body, nil)
	if got, want := kinds(list), "status columns rows statement statement done"; got != want {
		t.Fatalf("events of an ended run: got %q, want %q", got, want)
	}
	var rows struct {
		Statement int
		RowCount  int64 `json:"row_count"`
	}
	var done run
	for i, into := range map[int]any{2: &rows, 5: &done} {
		if err := json.Unmarshal([]byte(list[i].data), into); err != nil {
			t.Fatalf("%s: %v", list[i].data, err)
		}
	}
	if rows.RowCount != 4 || done.Status != "success" || len(done.Statements) != 2 || list[5].id == "" {
		t.Errorf("got rows %+v and the end %+v", rows, done)
	}
	schemaOfRun := b.contract.Components.Schemas["Run"]
	var value any
	decoder := json.NewDecoder(strings.NewReader(list[5].data))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	for _, fault := range b.contract.faults(schemaOfRun, value, "done") {
		t.Error(fault)
	}
	b.call(t, "GET", "/api/v1/runs/nope/events", nil).refused(t, 404, "not_found")
}

// TestEventsComeWhileRowsArrive watches an endless run with two viewers, breaks one
// off, lets it come back with the last event's ID, and ends the run.
func TestEventsComeWhileRowsArrive(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src := b.shop(t)
	id := b.start(t, src, endless, object{"max_rows": 5_000_000})
	path := "/api/v1/runs/" + id + "/events"
	steady := make(chan []event, 1)
	steadyAnswer := b.open(t, request{method: http.MethodGet, path: path})
	go func() { steady <- events(t, steadyAnswer.Body, nil) }()

	first := b.open(t, request{method: http.MethodGet, path: path})
	seen := 0
	began := time.Now()
	list := events(t, first.Body, func(e event) bool {
		if e.name == "rows" {
			seen++
		}
		return seen == 3
	})
	if !strings.Contains(kinds(list), "columns") {
		t.Errorf("events of a running run: got %q", kinds(list))
	}
	_ = first.Body.Close() // as a browser that loses its network
	last := list[len(list)-1].id
	if last == "" {
		t.Fatal("events have no IDs")
	}
	again := b.open(t, request{method: http.MethodGet, path: path, header: map[string]string{"Last-Event-ID": last}})
	b.must(t, 202, "POST", "/api/v1/runs/"+id+"/cancel", nil)
	rest := events(t, again.Body, nil)
	if len(rest) == 0 || rest[len(rest)-1].name != "done" || !strings.Contains(rest[len(rest)-1].data, `"cancelled"`) {
		t.Errorf("after coming back: got %q, want an end in done", kinds(rest))
	}
	whole := <-steady
	if n := strings.Count(kinds(whole), "rows"); n > int(time.Since(began)/(200*time.Millisecond))+6 {
		t.Errorf("%d rows events in %v: a viewer is told at most four times a second", n, time.Since(began))
	}
	if !strings.HasSuffix(kinds(whole), "done") {
		t.Errorf("the other viewer: got %q", kinds(whole))
	}
	time.Sleep(10 * time.Millisecond)
	res := b.open(t, request{method: http.MethodGet, path: path, header: map[string]string{"Last-Event-ID": "not-ours"}})
	if got := kinds(events(t, res.Body, nil)); !strings.HasSuffix(got, "done") {
		t.Errorf("a strange Last-Event-ID: got %q", got)
	}
}
