-- What an operator looks for, and old variants that are no longer shown.
CREATE INDEX images_failed ON images (id) WHERE state = 'failed';
CREATE INDEX images_outdated ON images (purge_after) WHERE state = 'ready' AND purge_after IS NOT NULL;
