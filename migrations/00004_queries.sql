-- +goose Up
CREATE TABLE folders (
    id           TEXT NOT NULL PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    name         TEXT NOT NULL,
    name_key     TEXT NOT NULL,
    created_at   TIMESTAMP NOT NULL,
    UNIQUE (workspace_id, name_key)
);

-- version_count is the newest version's number: versions are never deleted, and
-- raising it under the row's lock is what hands out numbers.
CREATE TABLE queries (
    id            TEXT NOT NULL PRIMARY KEY,
    workspace_id  TEXT NOT NULL REFERENCES workspaces (id),
    name          TEXT NOT NULL,
    name_key      TEXT NOT NULL,
    folder_id     TEXT REFERENCES folders (id) ON DELETE SET NULL,
    source_id     TEXT REFERENCES sources (id),
    is_ephemeral  BOOLEAN NOT NULL,
    preview_key   TEXT NOT NULL,
    draft_sql     TEXT NOT NULL,
    version_count INTEGER NOT NULL,
    forked_from   TEXT REFERENCES queries (id),
    created_by    TEXT NOT NULL REFERENCES users (id),
    created_at    TIMESTAMP NOT NULL,
    updated_at    TIMESTAMP NOT NULL,
    deleted_at    TIMESTAMP
);
CREATE INDEX queries_name ON queries (workspace_id, name_key, id) WHERE deleted_at IS NULL AND NOT is_ephemeral;
CREATE UNIQUE INDEX queries_preview ON queries (workspace_id, created_by, preview_key)
    WHERE deleted_at IS NULL AND is_ephemeral AND preview_key <> '';
CREATE INDEX queries_folder ON queries (folder_id) WHERE folder_id IS NOT NULL;

CREATE TABLE query_tags (
    query_id TEXT NOT NULL REFERENCES queries (id) ON DELETE CASCADE,
    tag      TEXT NOT NULL,
    PRIMARY KEY (query_id, tag)
);
CREATE INDEX query_tags_tag ON query_tags (tag, query_id);

CREATE TABLE query_versions (
    id             TEXT NOT NULL PRIMARY KEY,
    query_id       TEXT NOT NULL REFERENCES queries (id) ON DELETE CASCADE,
    version_number INTEGER NOT NULL CHECK (version_number > 0),
    sql_content    TEXT NOT NULL,
    message        TEXT NOT NULL,
    trigger        TEXT NOT NULL,
    created_by     TEXT NOT NULL REFERENCES users (id),
    created_at     TIMESTAMP NOT NULL,
    UNIQUE (query_id, version_number)
);

-- +goose Down
DROP TABLE query_versions;
DROP TABLE query_tags;
DROP TABLE queries;
DROP TABLE folders;
