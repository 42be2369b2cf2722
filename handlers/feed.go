package handlers

import "sync"

// feed wakes the open pages of a workspace when its history changes. It carries
// no data: whoever wakes looks for itself.
type feed struct {
	mu      sync.Mutex
	waiting map[string]chan struct{} // by workspace; closed at the next change
}

func newFeed() *feed { return &feed{waiting: make(map[string]chan struct{})} }

// changed returns a channel that is closed at the workspace's next change.
func (f *feed) changed(workspace string) <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.waiting[workspace]
	if c == nil {
		c = make(chan struct{})
		f.waiting[workspace] = c
	}
	return c
}

func (f *feed) announce(workspace string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c := f.waiting[workspace]; c != nil {
		close(c)
		delete(f.waiting, workspace)
	}
}
