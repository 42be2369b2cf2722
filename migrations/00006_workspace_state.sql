-- +goose Up
CREATE TABLE workspace_state (
    workspace_id TEXT NOT NULL,
    user_id      TEXT NOT NULL,
    tabs         TEXT NOT NULL,
    active_tab   TEXT NOT NULL,
    layout       TEXT NOT NULL,
    theme        TEXT NOT NULL,
    tree         TEXT NOT NULL,
    updated_at   TIMESTAMP NOT NULL,
    PRIMARY KEY (workspace_id, user_id),
    FOREIGN KEY (workspace_id, user_id) REFERENCES members (workspace_id, user_id) ON DELETE CASCADE
);

-- +goose Down
DROP TABLE workspace_state;
