-- Whether the job of a waiting image is held back until it is the turn of its user: see docs/adr/0025.
ALTER TABLE images ADD COLUMN held BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX images_held ON images (user_id, id) WHERE state = 'pending' AND queued_at IS NULL AND held;
