// Package auth decides who may do what. It knows people and roles, not HTTP.
package auth

import "dribble/domain"

// Action is a class of things that can be done. Every route names one.
type Action string

// The actions, from the weakest to the strongest.
const (
	// View sees sources, queries and results.
	View Action = "view"
	// Edit runs, saves and changes queries.
	Edit Action = "edit"
	// Manage adds, changes and deletes sources, members and settings.
	Manage Action = "manage"
)

// Can reports whether the principal's role allows the action. Whatever is not
// allowed here is denied, an unknown role or action too.
func Can(p domain.Principal, a Action) bool {
	if p.WorkspaceID == "" || p.UserID == "" {
		return false
	}
	switch p.Role {
	case domain.RoleAdmin:
		return a == View || a == Edit || a == Manage
	case domain.RoleEditor:
		return a == View || a == Edit
	case domain.RoleViewer:
		return a == View
	}
	return false
}
