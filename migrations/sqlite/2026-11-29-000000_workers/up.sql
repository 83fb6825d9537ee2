-- The workers that are running, as each of them says every few seconds. The row goes with its worker, and that of a worker
-- which was killed is removed some time later.
CREATE TABLE workers (
    -- A random text, which each process makes when it starts.
    id TEXT PRIMARY KEY NOT NULL,
    host TEXT NOT NULL,
    pid BIGINT NOT NULL,
    version TEXT NOT NULL,
    -- How many images it renders at a time at most, and now.
    slots BIGINT NOT NULL,
    busy BIGINT NOT NULL,
    -- Whether jobs can come.
    consuming BOOLEAN NOT NULL,
    started_at TIMESTAMP NOT NULL,
    seen_at TIMESTAMP NOT NULL
);

-- How many images have failed with each code, and when the last one did, from the index alone.
CREATE INDEX images_failed_by_code ON images (error_code, updated_at) WHERE state = 'failed';
