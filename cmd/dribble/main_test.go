package main

import (
	"os"
	"strings"
	"testing"
)

// TestMain makes the test binary the product: called with a command instead of
// test flags it runs that command. So tests start real servers, and those their
// workers, without building anything more.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		main()
	}
	code := m.Run()
	browser.stop()
	os.Exit(code)
}
