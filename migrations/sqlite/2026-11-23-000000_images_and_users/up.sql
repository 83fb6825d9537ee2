CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    username TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    active BOOLEAN NOT NULL DEFAULT TRUE,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- SHA-256 of the key: whoever reads this table cannot log in with it.
    key_hash TEXT NOT NULL UNIQUE,
    created_at TIMESTAMP NOT NULL
);

CREATE INDEX tokens_of_user ON tokens (user_id, id);

CREATE TABLE images (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id),
    state TEXT NOT NULL CHECK (state IN ('receiving', 'pending', 'processing', 'ready', 'failed', 'deleted')),
    object_id TEXT NOT NULL UNIQUE,
    generation INTEGER NOT NULL DEFAULT 1,
    visible_generation INTEGER,
    file_name TEXT NOT NULL,
    format TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    -- The fence: grows with every claim, and a worker's last write names it.
    claim BIGINT NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    lease_until TIMESTAMP,
    -- When the queue confirmed the job, and how often; upkeep publishes what is not marked.
    queued_at TIMESTAMP,
    publishes INTEGER NOT NULL DEFAULT 0,
    -- When a queued job may be expected among the queue's ready messages (later after a retry).
    due_at TIMESTAMP,
    error_code TEXT,
    error_detail TEXT,
    accepted_at TIMESTAMP,
    purge_after TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

-- A user's pages: what is shown, in order.
CREATE INDEX images_of_user ON images (user_id, id) WHERE state NOT IN ('receiving', 'deleted');
-- Upkeep looks at unfinished rows alone, so that millions of finished ones cost it nothing.
CREATE INDEX images_unqueued ON images (accepted_at) WHERE state = 'pending' AND queued_at IS NULL;
CREATE INDEX images_queued ON images (due_at) WHERE state = 'pending' AND queued_at IS NOT NULL;
CREATE INDEX images_leased ON images (lease_until) WHERE state = 'processing';
CREATE INDEX images_receiving ON images (created_at) WHERE state = 'receiving';
CREATE INDEX images_deleted ON images (purge_after) WHERE state = 'deleted';
