package serve

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
)

func TestMainRefusesBadArguments(t *testing.T) {
	t.Parallel()
	socket := "unix:" + filepath.Join(t.TempDir(), "w.sock")
	tests := []struct {
		name, args, stdin, want string
	}{
		{"no address", "", "token\n", "--listen must be"},
		{"strange network", "--listen udp:1", "token\n", "--listen must be"},
		{"folder that is not there", "--listen unix:/nowhere/w.sock", "token\n", "no such file"},
		{"strange flag", "--token abc", "token\n", "not defined"},
		{"no token", "--listen " + socket, "", "first line of standard input"},
		{"empty token", "--listen " + socket, "  \nmore\n", "first line of standard input"},
		{"endless token", "--listen " + socket, strings.Repeat("x", maxToken+1), "read token"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := Main(t.Context(), strings.Fields(tt.args), strings.NewReader(tt.stdin), nil, slog.New(slog.DiscardHandler))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
