-- What the header of the original says. NULL for images of earlier releases.
ALTER TABLE images ADD COLUMN width BIGINT;
ALTER TABLE images ADD COLUMN height BIGINT;
ALTER TABLE images ADD COLUMN frames BIGINT;
-- Frames of each of the variants that clients see, and a ThumbHash of them in base64.
ALTER TABLE images ADD COLUMN variant_frames BIGINT;
ALTER TABLE images ADD COLUMN placeholder TEXT;
-- The request that uploaded the image (X-Request-Id, and the W3C traceparent if there was one).
ALTER TABLE images ADD COLUMN request_id TEXT;
ALTER TABLE images ADD COLUMN traceparent TEXT;
-- When the image became ready or failed.
ALTER TABLE images ADD COLUMN finished_at TIMESTAMP;

-- The pages of a user's list: of all images, and of those in one state.
DROP INDEX images_of_user;
CREATE INDEX images_of_user ON images (user_id, id) WHERE state NOT IN ('receiving', 'deleted');
CREATE INDEX images_by_state ON images (user_id, state, id) WHERE state NOT IN ('receiving', 'deleted');
-- The other filters and their counts, from the index alone. It has every row of a user, since a user is removed only
-- when none is left.
CREATE INDEX images_by_format ON images (user_id, format, created_at, id, state);

-- Keys that clients give to uploads, so that a repeated upload makes no second image. A key with a lease belongs to an
-- upload that is still stored; one without to an accepted image, of which it may be the last trace.
CREATE TABLE idempotency_keys (
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    -- SHA-256 of the file and of its name.
    digest TEXT NOT NULL,
    object_id TEXT NOT NULL,
    lease_until TIMESTAMP,
    expires_at TIMESTAMP NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);
