-- +goose Up
-- No foreign keys: an entry outlives what it tells about. Package db adds the
-- triggers that refuse changes, since their text differs between databases.
CREATE TABLE audit_log (
    id           TEXT NOT NULL PRIMARY KEY,
    workspace_id TEXT NOT NULL,
    user_id      TEXT NOT NULL,
    user_name    TEXT NOT NULL,
    action       TEXT NOT NULL,
    object       TEXT NOT NULL,
    detail       TEXT NOT NULL,
    created_at   TIMESTAMP NOT NULL
);
CREATE INDEX audit_log_newest ON audit_log (workspace_id, created_at, id);

-- +goose Down
DROP TABLE audit_log;
