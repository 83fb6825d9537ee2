-- What happened to images, as the changing transactions write it. Whoever comes first moves it to `image_events`, where
-- it gets its number: see docs/adr/0019.
CREATE TABLE image_event_outbox (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id BIGINT NOT NULL,
    image_id BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('accepted', 'ready', 'failed', 'deleted')),
    -- Why the image failed.
    code TEXT,
    at TIMESTAMP NOT NULL
);

-- The events that can be read. Their ids have no gap, and none is committed after a greater one.
CREATE TABLE image_events (
    id BIGINT PRIMARY KEY,
    user_id BIGINT NOT NULL,
    image_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    code TEXT,
    at TIMESTAMP NOT NULL
);
CREATE INDEX image_events_of_user ON image_events (user_id, id);

-- One row: the id of the last event, and that of the last one which was removed. Whoever numbers events locks it.
CREATE TABLE image_event_ids (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    newest BIGINT NOT NULL,
    purged BIGINT NOT NULL
);
INSERT INTO image_event_ids (id, newest, purged) VALUES (1, 0, 0);

CREATE FUNCTION announce_image() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO image_event_outbox (user_id, image_id, kind, code, at) VALUES (
        NEW.user_id,
        NEW.id,
        CASE NEW.state WHEN 'pending' THEN 'accepted' ELSE NEW.state END,
        CASE NEW.state WHEN 'failed' THEN NEW.error_code END,
        CASE NEW.state WHEN 'pending' THEN NEW.accepted_at ELSE NEW.updated_at END
    );
    RETURN NULL;
END $$;

-- Where an event is posted to (https://www.standardwebhooks.com).
CREATE TABLE webhooks (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    -- The secret before the last rotation, which signs too until then.
    old_secret TEXT,
    old_secret_until TIMESTAMP,
    -- Events up to `newest` may concern the user, and those up to `position` are done with.
    newest BIGINT NOT NULL,
    position BIGINT NOT NULL,
    -- When the next event is to be tried. NULL: there is none, so `position` is `newest`.
    due_at TIMESTAMP,
    -- The tries of that event which failed, and when the first of them was.
    tries INTEGER NOT NULL DEFAULT 0,
    failing_since TIMESTAMP,
    -- The fence of whoever delivers: grows with every claim.
    claim BIGINT NOT NULL DEFAULT 0,
    lease_until TIMESTAMP,
    disabled_at TIMESTAMP,
    disabled_reason TEXT,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX webhooks_of_user ON webhooks (user_id, id);
CREATE INDEX webhooks_due ON webhooks (due_at) WHERE due_at IS NOT NULL AND disabled_at IS NULL;

-- The last deliveries of each webhook, one row for all tries of an event.
CREATE TABLE webhook_deliveries (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook_id BIGINT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    -- The header `webhook-id`.
    message_id TEXT NOT NULL,
    -- NULL: a test.
    event_id BIGINT,
    image_id BIGINT,
    kind TEXT NOT NULL,
    delivered BOOLEAN NOT NULL,
    -- The status of the last answer, and what went wrong.
    status INTEGER,
    error TEXT,
    tries INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    tried_at TIMESTAMP NOT NULL,
    UNIQUE (webhook_id, message_id)
);
CREATE INDEX webhook_deliveries_of_webhook ON webhook_deliveries (webhook_id, id);

-- From here on other processes wait for the end. The name comes before `images_counted`, so that the totals of the user
-- are locked last. An upload that is given up was never announced.
CREATE TRIGGER images_announced AFTER UPDATE OF state ON images
    FOR EACH ROW WHEN (
        (NEW.state = 'pending' AND OLD.state IN ('receiving', 'ready', 'failed'))
        OR (NEW.state IN ('ready', 'failed') AND OLD.state <> NEW.state)
        OR (NEW.state = 'deleted' AND OLD.state NOT IN ('receiving', 'deleted'))
    )
    EXECUTE FUNCTION announce_image();
