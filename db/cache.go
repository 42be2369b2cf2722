package db

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// Cache keeps small values for a while: catalogues of sources, which run last
// answered a read. Losing any of it costs time, never data, so failures are
// logged and read as misses.
type Cache interface {
	Get(ctx context.Context, key string) ([]byte, bool)
	Set(ctx context.Context, key string, value []byte, ttl time.Duration)
	Delete(ctx context.Context, key string)
	Ping(ctx context.Context) error
	Close() error
}

// OpenCache connects to Redis at url, or keeps the values in this process when
// url is empty. Redis need not answer yet: while it does not, every call is a miss,
// and it is tried again every two seconds.
func OpenCache(url string, log *slog.Logger) (Cache, error) {
	if url == "" {
		return newMemoryCache(maxCacheBytes), nil
	}
	options, err := redis.ParseURL(url)
	if err != nil {
		// The cause quotes the address, password and all.
		return nil, errors.New("the Redis address cannot be read; write it as redis://user:password@host:6379/0, special characters of the password escaped (%2F for /)")
	}
	options.DialTimeout = time.Second
	options.ReadTimeout = time.Second
	options.WriteTimeout = time.Second
	options.DialerRetries = 1
	options.MaxRetries = 1
	return &redisCache{client: redis.NewClient(options), log: log}, nil
}

// cachePrefix keeps Dribble's keys apart in a shared Redis.
const cachePrefix = "dribble:"

type redisCache struct {
	client *redis.Client
	log    *slog.Logger
	resume atomic.Int64 // Unix nanoseconds until which Redis is left alone; 0 when it answers
}

// cachePause is how long a Redis that did not answer is left alone, so that a page
// does not wait for it at every look.
const cachePause = 2 * time.Second

func (c *redisCache) isPaused() bool { return time.Now().UnixNano() < c.resume.Load() }

// note logs when Redis stops and begins to answer, not every call in between.
func (c *redisCache) note(ctx context.Context, err error) {
	switch {
	case err == nil:
		if c.resume.Swap(0) != 0 {
			c.log.InfoContext(ctx, "the cache answers again")
		}
	case ctx.Err() != nil: // the caller has left, which says nothing of Redis
	case c.resume.Swap(time.Now().Add(cachePause).UnixNano()) == 0:
		c.log.WarnContext(ctx, "the cache does not answer; going on without it", slog.Any("error", err))
	}
}

func (c *redisCache) Get(ctx context.Context, key string) ([]byte, bool) {
	if c.isPaused() {
		return nil, false
	}
	value, err := c.client.Get(ctx, cachePrefix+key).Bytes()
	if errors.Is(err, redis.Nil) {
		c.note(ctx, nil)
		return nil, false
	}
	c.note(ctx, err)
	return value, err == nil
}

func (c *redisCache) Set(ctx context.Context, key string, value []byte, ttl time.Duration) {
	if !c.isPaused() {
		c.note(ctx, c.client.Set(ctx, cachePrefix+key, value, ttl).Err())
	}
}

func (c *redisCache) Delete(ctx context.Context, key string) {
	if !c.isPaused() {
		c.note(ctx, c.client.Del(ctx, cachePrefix+key).Err())
	}
}

func (c *redisCache) Ping(ctx context.Context) error {
	if err := c.client.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("ping redis: %w", err)
	}
	return nil
}

func (c *redisCache) Close() error { return c.client.Close() }

// maxCacheBytes bounds the cache inside the process, and entryBytes is what a value
// costs beside its own and its key's bytes: many small values are no free lunch.
const (
	maxCacheBytes = 16 << 20
	entryBytes    = 128
)

// memoryCache is a bounded map. When full it drops what expires first.
type memoryCache struct {
	mu      sync.Mutex
	limit   int
	size    int
	entries map[string]*cacheEntry
	queue   expiries
}

type cacheEntry struct {
	key     string
	value   []byte
	expires time.Time
	place   int // in the queue
}

func (e *cacheEntry) cost() int { return len(e.key) + len(e.value) + entryBytes }

func newMemoryCache(limit int) *memoryCache {
	return &memoryCache{limit: limit, entries: make(map[string]*cacheEntry)}
}

func (c *memoryCache) Get(_ context.Context, key string) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[key]
	if !ok {
		return nil, false
	}
	if time.Now().After(e.expires) {
		c.drop(e)
		return nil, false
	}
	return e.value, true
}

func (c *memoryCache) Set(_ context.Context, key string, value []byte, ttl time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, ok := c.entries[key]; ok {
		c.drop(old)
	}
	e := &cacheEntry{key: key, value: value, expires: time.Now().Add(ttl)}
	if e.cost() > c.limit {
		return
	}
	for c.size+e.cost() > c.limit {
		c.drop(c.queue[0])
	}
	c.entries[key] = e
	c.size += e.cost()
	heap.Push(&c.queue, e)
}

func (c *memoryCache) drop(e *cacheEntry) {
	heap.Remove(&c.queue, e.place)
	delete(c.entries, e.key)
	c.size -= e.cost()
}

func (c *memoryCache) Delete(_ context.Context, key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.entries[key]; ok {
		c.drop(e)
	}
}

func (c *memoryCache) Ping(context.Context) error { return nil }
func (c *memoryCache) Close() error               { return nil }

// expiries is a heap of entries, what expires first on top.
type expiries []*cacheEntry

func (q expiries) Len() int           { return len(q) }
func (q expiries) Less(i, j int) bool { return q[i].expires.Before(q[j].expires) }
func (q expiries) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].place, q[j].place = i, j
}

func (q *expiries) Push(x any) {
	e := x.(*cacheEntry)
	e.place = len(*q)
	*q = append(*q, e)
}

func (q *expiries) Pop() any {
	last := (*q)[len(*q)-1]
	(*q)[len(*q)-1] = nil
	*q = (*q)[:len(*q)-1]
	return last
}
