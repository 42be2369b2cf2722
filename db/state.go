package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"dribble/domain"
)

// Kinds of tabs.
const (
	TabQuery   = "query"
	TabWelcome = "welcome"
	TabRuns    = "runs"
)

// maxState bounds each JSON part of a State, in bytes.
const maxState = 256 << 10

// Tab is one open tab of the workbench.
type Tab struct {
	ID   string `json:"id"` // the query's ID, or the kind itself where there is only one
	Kind string `json:"kind"`
}

// State is what a user left open in a workspace. Layout and Tree are the browser's
// own JSON, nil if never saved.
type State struct {
	Tabs      []Tab
	ActiveTab string // ID of a tab, "" for none
	Layout    json.RawMessage
	Theme     string // "light", "dark", "" as the system has it
	Tree      json.RawMessage
}

// State returns the user's own state, the zero State if none was saved.
func (s *Store) State(ctx context.Context, p domain.Principal) (State, error) {
	var st State
	err := s.read.QueryRowContext(ctx, `
		SELECT tabs, active_tab, layout, theme, tree FROM workspace_state
		WHERE workspace_id = $1 AND user_id = $2`, p.WorkspaceID, p.UserID).
		Scan(jsonIn{&st.Tabs}, &st.ActiveTab, jsonIn{&st.Layout}, &st.Theme, jsonIn{&st.Tree})
	if errors.Is(err, sql.ErrNoRows) {
		return State{}, nil
	}
	return st, fail("read workspace state", err)
}

// SaveState replaces the user's own state. It is domain.Invalid if a part is not
// JSON and domain.TooLarge if one is over 256 KiB.
func (s *Store) SaveState(ctx context.Context, p domain.Principal, st State) error {
	tabs, err := toJSON(st.Tabs)
	if err != nil {
		return err
	}
	for name, part := range map[string]string{"tabs": tabs, "layout": string(st.Layout), "tree": string(st.Tree)} {
		if len(part) > maxState {
			return &domain.Error{Code: domain.TooLarge, Op: "save workspace state", Field: name, Message: "The workspace state is too large to keep."}
		}
		if part != "" && !json.Valid([]byte(part)) {
			return domain.FieldError(name, "The workspace state is not valid JSON.")
		}
	}
	_, err = s.write.ExecContext(ctx, `
		INSERT INTO workspace_state (workspace_id, user_id, tabs, active_tab, layout, theme, tree, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (workspace_id, user_id) DO UPDATE SET tabs = excluded.tabs, active_tab = excluded.active_tab,
			layout = excluded.layout, theme = excluded.theme, tree = excluded.tree, updated_at = excluded.updated_at`,
		p.WorkspaceID, p.UserID, tabs, storable(st.ActiveTab), storable(string(st.Layout)), storable(st.Theme),
		storable(string(st.Tree)), now())
	return fail("save workspace state", err)
}
