-- +goose Up
CREATE TABLE query_runs (
    id                TEXT NOT NULL PRIMARY KEY,
    workspace_id      TEXT NOT NULL REFERENCES workspaces (id),
    query_id          TEXT REFERENCES queries (id) ON DELETE SET NULL,
    query_version_id  TEXT REFERENCES query_versions (id) ON DELETE SET NULL,
    source_id         TEXT NOT NULL REFERENCES sources (id),
    sql_text          TEXT NOT NULL,
    params            TEXT NOT NULL,
    trigger           TEXT NOT NULL,
    status            TEXT NOT NULL CHECK (status IN ('queued', 'running', 'success', 'error', 'cancelled', 'interrupted')),
    max_rows          BIGINT NOT NULL,
    execution_time_ms DOUBLE PRECISION NOT NULL DEFAULT 0,
    row_count         BIGINT NOT NULL DEFAULT 0,
    bytes             BIGINT NOT NULL DEFAULT 0,
    error_code        TEXT NOT NULL DEFAULT '',
    error_message     TEXT NOT NULL DEFAULT '',
    error_position    INTEGER,
    error_detail      TEXT NOT NULL DEFAULT '',
    error_hint        TEXT NOT NULL DEFAULT '',
    error_severity    TEXT NOT NULL DEFAULT '',
    worker            TEXT NOT NULL DEFAULT '',
    server            TEXT NOT NULL,
    cached_from       TEXT NOT NULL DEFAULT '',
    created_by        TEXT NOT NULL REFERENCES users (id),
    created_at        TIMESTAMP NOT NULL,
    started_at        TIMESTAMP,
    finished_at       TIMESTAMP
);
CREATE INDEX query_runs_newest ON query_runs (workspace_id, created_at, id);
CREATE INDEX query_runs_source ON query_runs (workspace_id, source_id, created_at, id);
CREATE INDEX query_runs_query ON query_runs (workspace_id, query_id, created_at, id);
CREATE INDEX query_runs_status ON query_runs (workspace_id, status, created_at, id);
CREATE INDEX query_runs_open ON query_runs (server) WHERE status IN ('queued', 'running');

CREATE TABLE run_statements (
    run_id            TEXT NOT NULL REFERENCES query_runs (id) ON DELETE CASCADE,
    seq               INTEGER NOT NULL,
    sql_text          TEXT NOT NULL,
    start_offset      INTEGER NOT NULL,
    status            TEXT NOT NULL,
    has_rows          BOOLEAN NOT NULL,
    columns           TEXT NOT NULL DEFAULT '[]',
    row_count         BIGINT NOT NULL,
    affected          BIGINT NOT NULL,
    truncated         TEXT NOT NULL,
    bytes             BIGINT NOT NULL,
    execution_time_ms DOUBLE PRECISION NOT NULL,
    error             TEXT,
    notices           TEXT NOT NULL,
    result_key        TEXT,
    PRIMARY KEY (run_id, seq)
);
CREATE INDEX run_statements_result ON run_statements (result_key) WHERE result_key IS NOT NULL;

-- +goose Down
DROP TABLE run_statements;
DROP TABLE query_runs;
