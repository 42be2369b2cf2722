package db

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
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
// url is empty. Redis need not answer yet: it is tried again with every call.
func OpenCache(url string, log *slog.Logger) (Cache, error) {
	if url == "" {
		return newMemoryCache(maxCacheBytes), nil
	}
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, fmt.Errorf("read redis url: %w", err)
	}
	options.DialTimeout = time.Second
	options.ReadTimeout = time.Second
	options.WriteTimeout = time.Second
	options.MaxRetries = 1
	return &redisCache{client: redis.NewClient(options), log: log}, nil
}

// cachePrefix keeps Dribble's keys apart in a shared Redis.
const cachePrefix = "dribble:"

type redisCache struct {
	client *redis.Client
	log    *slog.Logger
}

func (c *redisCache) Get(ctx context.Context, key string) ([]byte, bool) {
	value, err := c.client.Get(ctx, cachePrefix+key).Bytes()
	if err != nil {
		if !errors.Is(err, redis.Nil) {
			c.log.WarnContext(ctx, "read cache", slog.Any("error", err))
		}
		return nil, false
	}
	return value, true
}

func (c *redisCache) Set(ctx context.Context, key string, value []byte, ttl time.Duration) {
	if err := c.client.Set(ctx, cachePrefix+key, value, ttl).Err(); err != nil {
		c.log.WarnContext(ctx, "write cache", slog.Any("error", err))
	}
}

func (c *redisCache) Delete(ctx context.Context, key string) {
	if err := c.client.Del(ctx, cachePrefix+key).Err(); err != nil {
		c.log.WarnContext(ctx, "delete from cache", slog.Any("error", err))
	}
}

func (c *redisCache) Ping(ctx context.Context) error {
	if err := c.client.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("ping redis: %w", err)
	}
	return nil
}

func (c *redisCache) Close() error { return c.client.Close() }

// maxCacheBytes bounds the cache inside the process.
const maxCacheBytes = 16 << 20

// memoryCache is a bounded map. When full it drops what expires first.
type memoryCache struct {
	mu      sync.Mutex
	limit   int
	size    int
	entries map[string]cacheEntry
}

type cacheEntry struct {
	value   []byte
	expires time.Time
}

func newMemoryCache(limit int) *memoryCache {
	return &memoryCache{limit: limit, entries: make(map[string]cacheEntry)}
}

func (c *memoryCache) Get(_ context.Context, key string) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[key]
	if ok && time.Now().After(e.expires) {
		c.drop(key)
		return nil, false
	}
	return e.value, ok
}

func (c *memoryCache) Set(_ context.Context, key string, value []byte, ttl time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop(key)
	if len(value) > c.limit {
		return
	}
	for c.size+len(value) > c.limit {
		c.dropSoonest()
	}
	c.entries[key] = cacheEntry{value, time.Now().Add(ttl)}
	c.size += len(value)
}

func (c *memoryCache) dropSoonest() {
	var soonest string
	for key, e := range c.entries {
		if soonest == "" || e.expires.Before(c.entries[soonest].expires) {
			soonest = key
		}
	}
	c.drop(soonest)
}

func (c *memoryCache) drop(key string) {
	c.size -= len(c.entries[key].value)
	delete(c.entries, key)
}

func (c *memoryCache) Delete(_ context.Context, key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop(key)
}

func (c *memoryCache) Ping(context.Context) error { return nil }
func (c *memoryCache) Close() error               { return nil }
