package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"
)

const million = 1_000_000

func measureStart(ctx context.Context, b *bench) error {
	info, err := os.Stat(b.binary)
	if err != nil {
		return err
	}
	b.report.add("start", "size of the binary", mb(info.Size()), "≤ 40 MB")
	first, err := b.start(ctx, "")
	if err != nil {
		return err
	}
	b.report.add("start", "very first start to 200 on /", ms(first.ready), "≤ 3 s")
	dir := first.dir
	first.dir = "" // keep it for the next starts
	first.stop()
	var times series
	for range 9 {
		p, err := b.start(ctx, dir)
		if err != nil {
			return err
		}
		times = append(times, p.ready)
		time.Sleep(300 * time.Millisecond)
		if len(times) == 9 { // the last one clears the folder away
			b.report.add("start", "resident when idle", mb(memory(p.cmd.Process.Pid, "VmRSS:")), "≤ 40 MB")
		} else {
			p.dir = ""
		}
		p.stop()
	}
	b.report.add("start", "later starts to 200 on /", times.String(), "≤ 300 ms")
	return nil
}

func measureFirstRows(ctx context.Context, b *bench) error {
	p, err := b.started(ctx)
	if err != nil {
		return err
	}
	defer p.stop()
	var times series
	for range 200 {
		took, err := p.firstRows(ctx, "SELECT * FROM big", 10_000)
		if err != nil {
			return err
		}
		times = append(times, took)
	}
	b.report.add("first-rows", "POST to first event with a row", times.String(), "p95 ≤ 50 ms")
	return nil
}

func measureSpool(ctx context.Context, b *bench) error {
	p, err := b.started(ctx)
	if err != nil {
		return err
	}
	defer p.stop()
	var floors, spools series
	var ratio []float64
	for round := range b.rounds {
		var floor, spool time.Duration
		for turn := range 2 {
			if (round+turn)%2 == 0 {
				floor, err = b.pg.floor(ctx)
			} else {
				begin := time.Now()
				_, err = p.run(ctx, "SELECT * FROM big", million)
				spool = time.Since(begin)
			}
			if err != nil {
				return err
			}
		}
		floors, spools = append(floors, floor), append(spools, spool)
		ratio = append(ratio, spool.Seconds()/floor.Seconds())
	}
	server, worker := p.peaks()
	b.report.add("spool", "psql COPY binary, 1M × 10", floors.String(), "the floor")
	b.report.add("spool", "1M × 10 fully stored", spools.String(), "")
	b.report.add("spool", "ratio to the floor", ratios(ratio), "≤ 2.0")
	b.report.add("spool", "peak memory of the server", mb(server), "≤ 128 MB")
	b.report.add("spool", "peak memory of the worker", mb(worker), "≤ 64 MB")
	return nil
}

// get reads a page as a script of ours would, and throws it away.
func (p *product) get(ctx context.Context, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("HX-Request", "true")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	_, err = io.Copy(io.Discard, res.Body)
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", path, res.Status)
	}
	return err
}

// openStream asks for a statement's whole result, straight from the database.
func (p *product) openStream(ctx context.Context, format, sql string) (*http.Response, error) {
	body, err := json.Marshal(map[string]string{"source_id": p.source, "sql": sql})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+"/api/v1/query?format="+format, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		defer func() { _ = res.Body.Close() }()
		text, _ := io.ReadAll(res.Body)
		return nil, fmt.Errorf("POST /api/v1/query: %s: %s", res.Status, text)
	}
	return res, nil
}

func measureStream(ctx context.Context, b *bench) error {
	p, err := b.started(ctx)
	if err != nil {
		return err
	}
	defer p.stop()
	for _, format := range []string{"csv", "ndjson"} {
		var totals series
		var shares, ratio []float64
		for range b.rounds {
			floor, err := b.pg.floor(ctx)
			if err != nil {
				return err
			}
			begin := time.Now()
			res, err := p.openStream(ctx, format, "SELECT * FROM big")
			if err != nil {
				return err
			}
			var one [1]byte
			if _, err := io.ReadFull(res.Body, one[:]); err != nil {
				return err
			}
			first := time.Since(begin)
			if _, err := io.Copy(io.Discard, res.Body); err != nil {
				return err
			}
			_ = res.Body.Close()
			total := time.Since(begin)
			totals = append(totals, total)
			shares = append(shares, 100*first.Seconds()/total.Seconds())
			ratio = append(ratio, total.Seconds()/floor.Seconds())
		}
		b.report.add("stream", format+" of 1M × 10", totals.String(), "")
		b.report.add("stream", format+", ratio to the floor", ratios(ratio), "≤ 2")
		b.report.add("stream", format+", first byte in % of the total", ratios(shares), "< 10")
	}
	server, worker := p.peaks()
	b.report.add("stream", "peak memory of the server", mb(server), "≤ 128 MB")
	b.report.add("stream", "peak memory of the worker", mb(worker), "≤ 64 MB")
	return nil
}

func measureSlowReader(ctx context.Context, b *bench) error {
	p, err := b.started(ctx)
	if err != nil {
		return err
	}
	defer p.stop()
	res, err := p.openStream(ctx, "csv", "SELECT * FROM big")
	if err != nil {
		return err
	}
	chunk := make([]byte, 10_000)
	for range 50 { // 100 kB/s for five seconds
		if _, err := io.ReadFull(res.Body, chunk); err != nil {
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
	server, worker := p.peaks()
	b.report.add("slow-reader", "peak memory of server and worker", mb(server)+" and "+mb(worker), "≤ 128 and 64 MB")
	_ = res.Body.Close()
	gone := time.Now()
	var left string
	for time.Since(gone) < 5*time.Second {
		var rows struct{ Rows [][]string }
		id, err := p.run(ctx, "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT * FROM big%'", 10)
		if err != nil {
			return err
		}
		if err := p.call(ctx, "GET", "/api/v1/runs/"+id+"/rows", nil, &rows); err != nil {
			return err
		}
		if left = rows.Rows[0][0]; left == "0" {
			break
		}
	}
	b.report.add("slow-reader", "client gone to statement gone ("+left+" left)", ms(time.Since(gone)), "≤ 1 s")
	return nil
}

func measureUsers(ctx context.Context, b *bench) error {
	p, err := b.started(ctx)
	if err != nil {
		return err
	}
	defer p.stop()
	times, wall, failures := p.together(ctx, 20, "SELECT * FROM big LIMIT 100000", 100_000)
	server, worker := p.peaks()
	b.report.add("users", "20 × 100k rows at once, wall", fmt.Sprintf("%s, %d errors", ms(wall), failures), "0 errors")
	b.report.add("users", "first rows under them", times.String(), "p95 ≤ 1.5 s")
	b.report.add("users", "peak memory of server and worker", mb(server)+" and "+mb(worker), "≤ 128 and 64 MB")
	return nil
}

// together starts n runs at once and waits for all of them.
func (p *product) together(ctx context.Context, n int, sql string, maxRows int) (first series, wall time.Duration, failures int) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	begin := time.Now()
	for range n {
		wg.Go(func() {
			took, err := p.firstRows(ctx, sql, maxRows)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				failures++
				return
			}
			first = append(first, took)
		})
	}
	wg.Wait()
	return first, time.Since(begin), failures
}

func measureProbe(ctx context.Context, b *bench) error {
	p, err := b.started(ctx)
	if err != nil {
		return err
	}
	defer p.stop()
	heavy := *p
	if err := (&heavy).connectAs(ctx, b.pg, "heavy"); err != nil {
		return err
	}
	done := make(chan int, 1)
	go func() {
		_, _, failures := heavy.together(ctx, 15, "SELECT * FROM big", million)
		done <- failures
	}()
	var times series
	for {
		select {
		case failures := <-done:
			b.report.add("probe", "100 rows beside 15 × 1M on another source", fmt.Sprintf("%s, %d errors", times, failures), "p95 ≤ 0.5 s")
			return nil
		case <-time.After(200 * time.Millisecond):
			took, err := p.firstRows(ctx, "SELECT * FROM big LIMIT 100", 100)
			if err != nil {
				return err
			}
			times = append(times, took)
		}
	}
}

func measureColdWorker(ctx context.Context, b *bench) error {
	var times series
	for range 20 {
		p, err := b.start(ctx, "")
		if err != nil {
			return err
		}
		took, err := p.coldRows(ctx, b.pg)
		p.stop()
		if err != nil {
			return err
		}
		times = append(times, took)
	}
	b.report.add("cold-worker", "no worker to first row", times.String(), "≤ 1.5 s")
	return nil
}

// coldRows adds a source that has no worker yet and returns the time to its first rows.
func (p *product) coldRows(ctx context.Context, d database) (time.Duration, error) {
	if err := p.addSource(ctx, d, "cold"); err != nil {
		return 0, err
	}
	return p.firstRows(ctx, "SELECT * FROM big LIMIT 100", 100)
}
