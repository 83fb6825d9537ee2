-- Whether the job of a waiting image is held back until it is the turn of its user: see docs/adr/0025.
ALTER TABLE images ADD COLUMN held BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX images_held ON images (user_id, id) WHERE state = 'pending' AND queued_at IS NULL AND held;

-- Makes events of the outbox readable, in their order, and returns them: all that `number_image_events` of
-- shared/src/metadata/image_events.rs does, in one round trip. Each statement of a function sees what was committed
-- before it began, so the lock comes first and what is moved after it.
CREATE FUNCTION number_image_events(most BIGINT, due TIMESTAMP) RETURNS SETOF image_events LANGUAGE plpgsql AS $$
DECLARE
    last BIGINT;
    numbered BIGINT;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM image_event_outbox) THEN
        RETURN;
    END IF;
    -- The lock on this row, until the commit, is what gives the ids their order.
    SELECT newest INTO STRICT last FROM image_event_ids FOR UPDATE;
    RETURN QUERY WITH moved AS (
        DELETE FROM image_event_outbox AS outbox
        WHERE outbox.id IN (SELECT first.id FROM image_event_outbox AS first ORDER BY first.id LIMIT most)
        RETURNING *
    )
    INSERT INTO image_events AS events (id, user_id, image_id, kind, code, at)
    SELECT last + ROW_NUMBER() OVER (ORDER BY moved.id), moved.user_id, moved.image_id, moved.kind, moved.code, moved.at
    FROM moved RETURNING *;
    GET DIAGNOSTICS numbered = ROW_COUNT;
    IF numbered = 0 THEN
        RETURN;
    END IF;
    UPDATE image_event_ids SET newest = last + numbered;
    -- Both columns are in one row, so whoever finds nothing to deliver cannot miss this.
    UPDATE webhooks SET newest = last + numbered, due_at = COALESCE(due_at, due)
    WHERE user_id IN (SELECT events.user_id FROM image_events AS events WHERE events.id > last);
END $$;
