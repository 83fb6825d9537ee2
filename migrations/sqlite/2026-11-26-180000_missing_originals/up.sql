-- When a worker first found no original in the object store; the image fails if it is still missing a minute later.
ALTER TABLE images ADD COLUMN original_missed_at TIMESTAMP;
