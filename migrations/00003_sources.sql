-- +goose Up
-- name_key is the name with case folded, made in Go: LOWER differs between databases.
CREATE TABLE sources (
    id                 TEXT NOT NULL PRIMARY KEY,
    workspace_id       TEXT NOT NULL REFERENCES workspaces (id),
    name               TEXT NOT NULL,
    name_key           TEXT NOT NULL,
    engine             TEXT NOT NULL,
    connection_details TEXT NOT NULL,
    is_active          BOOLEAN NOT NULL,
    read_only          BOOLEAN NOT NULL,
    production         BOOLEAN NOT NULL,
    row_limit          BIGINT NOT NULL,
    timeout_ms         BIGINT NOT NULL,
    cache_ttl_s        BIGINT NOT NULL,
    ai_level           TEXT NOT NULL DEFAULT '',
    color              TEXT NOT NULL,
    revision           INTEGER NOT NULL,
    created_at         TIMESTAMP NOT NULL,
    updated_at         TIMESTAMP NOT NULL,
    deleted_at         TIMESTAMP
);
CREATE UNIQUE INDEX sources_name ON sources (workspace_id, name_key) WHERE deleted_at IS NULL;

CREATE TABLE grants (
    source_id    TEXT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    workspace_id TEXT NOT NULL,
    user_id      TEXT NOT NULL,
    level        TEXT NOT NULL CHECK (level IN ('none', 'read', 'write', 'manage')),
    expires_at   TIMESTAMP,
    created_at   TIMESTAMP NOT NULL,
    PRIMARY KEY (source_id, user_id),
    FOREIGN KEY (workspace_id, user_id) REFERENCES members (workspace_id, user_id) ON DELETE CASCADE
);
CREATE INDEX grants_member ON grants (workspace_id, user_id);

CREATE TABLE workers (
    id         TEXT NOT NULL PRIMARY KEY,
    source_id  TEXT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    backend    TEXT NOT NULL,
    address    TEXT NOT NULL,
    state      TEXT NOT NULL,
    spec_hash  TEXT NOT NULL,
    restarts   INTEGER NOT NULL,
    started_at TIMESTAMP,
    last_seen  TIMESTAMP
);
CREATE INDEX workers_source ON workers (source_id);

-- +goose Down
DROP TABLE workers;
DROP TABLE grants;
DROP TABLE sources;
