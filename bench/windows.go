package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// measureWindows browses stored results: a long one and a wide one.
func measureWindows(ctx context.Context, b *bench) error {
	p, err := b.started(ctx)
	if err != nil {
		return err
	}
	defer p.stop()
	var long string
	for _, table := range []struct {
		name        string
		rows, calls int
	}{{"wide", 20_000, 200}, {"big", million, 2000}} {
		id, err := p.run(ctx, "SELECT * FROM "+table.name, table.rows)
		if err != nil {
			return err
		}
		for _, kind := range []struct{ name, path string }{{"JSON", "/api/v1/runs/"}, {"HTML", "/runs/"}} {
			times, err := p.windows(ctx, kind.path+id+"/rows", table.rows, table.calls)
			if err != nil {
				return err
			}
			b.report.add("windows", kind.name+" of 100 rows of "+table.name+" at random offsets", times.String(), "p99 ≤ 20 ms")
		}
		long = id
	}
	for _, order := range []string{"sort=-amount", "filter=customer~999"} {
		var times series
		for _, path := range []string{"/rows?limit=100&", "/rows?offset=500&limit=100&", "/export?format=csv&"} {
			begin := time.Now()
			if err := p.get(ctx, "/api/v1/runs/"+long+path+order); err != nil {
				return err
			}
			times = append(times, time.Since(begin))
		}
		b.report.add("windows", "in-result "+order, fmt.Sprintf("first %s, then %s, exported %s", ms(times[0]), ms(times[1]), ms(times[2])), "")
	}
	server, _ := p.peaks()
	b.report.add("windows", "peak memory of the server", mb(server), "≤ 128 MB")
	return nil
}

// windows fetches windows of 100 rows at random offsets.
func (p *product) windows(ctx context.Context, path string, rows, calls int) (series, error) {
	random := rand.New(rand.NewPCG(1, 2))
	var times series
	for range calls {
		begin := time.Now()
		if err := p.get(ctx, fmt.Sprintf("%s?offset=%d&limit=100", path, random.IntN(rows-100))); err != nil {
			return nil, err
		}
		times = append(times, time.Since(begin))
	}
	return times, nil
}
