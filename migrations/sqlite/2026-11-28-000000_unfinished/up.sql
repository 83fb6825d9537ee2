-- The oldest image that is neither ready nor failed, for the metrics: it is the first entry.
CREATE INDEX images_unfinished ON images (accepted_at) WHERE state IN ('pending', 'processing');
