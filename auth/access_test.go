package auth

import (
	"testing"

	"dribble/domain"
)

func TestCan(t *testing.T) {
	t.Parallel()
	tests := []struct {
		role               string
		view, edit, manage bool
	}{
		{domain.RoleAdmin, true, true, true},
		{domain.RoleEditor, true, true, false},
		{domain.RoleViewer, true, false, false},
		{"owner", false, false, false},
		{"", false, false, false},
	}
	for _, tt := range tests {
		p := domain.Principal{WorkspaceID: "w", UserID: "u", Role: tt.role}
		for action, want := range map[Action]bool{View: tt.view, Edit: tt.edit, Manage: tt.manage, "own": false} {
			if got := Can(p, action); got != want {
				t.Errorf("role %q, action %q: got %v, want %v", tt.role, action, got, want)
			}
		}
	}
	if Can(domain.Principal{Role: domain.RoleAdmin}, View) {
		t.Error("a principal without workspace and user may view")
	}
}
