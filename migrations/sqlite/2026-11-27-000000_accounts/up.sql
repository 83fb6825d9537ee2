-- Operators, quotas of single users (NULL: the setting), and users whose images are being removed.
ALTER TABLE users ADD COLUMN admin BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE users ADD COLUMN max_images BIGINT;
ALTER TABLE users ADD COLUMN max_bytes BIGINT;
ALTER TABLE users ADD COLUMN deleted_at TIMESTAMP;
-- Whether the name is in the form NFKC. The services bring the names of earlier releases into it when they start.
ALTER TABLE users ADD COLUMN name_is_normal BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE users SET name_is_normal = TRUE WHERE length(CAST(username AS BLOB)) = length(username);
CREATE INDEX users_with_other_names ON users (id) WHERE NOT name_is_normal;
CREATE INDEX users_deleted ON users (deleted_at) WHERE deleted_at IS NOT NULL;
-- All rows of a user, since a user is removed only when none is left. The count of those that are shown is in
-- `user_totals`.
DROP INDEX images_of_user;
CREATE INDEX images_of_user ON images (user_id, id);

-- Every token that is there counts as used now, so that none expires by the upgrade.
ALTER TABLE tokens ADD COLUMN label TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN used_at TIMESTAMP NOT NULL DEFAULT '1970-01-01 00:00:00';
UPDATE tokens SET used_at = CURRENT_TIMESTAMP;
CREATE INDEX tokens_by_use ON tokens (used_at);

-- What happened to accounts. The rows outlive the user.
CREATE TABLE account_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    at TIMESTAMP NOT NULL,
    user_id BIGINT NOT NULL,
    username TEXT NOT NULL,
    event TEXT NOT NULL,
    -- The client, and its network (an IPv4 address or 64 bits of an IPv6 address). NULL for an operator's command.
    address TEXT,
    network TEXT,
    detail TEXT
);
CREATE INDEX account_events_of_name ON account_events (username, id);
CREATE INDEX account_events_by_age ON account_events (at);
-- Where a user has logged in from.
CREATE INDEX account_events_logins ON account_events (user_id, network, at) WHERE event = 'login';

-- How many images a user has and the bytes of their originals: those that clients see. The triggers keep it exact.
CREATE TABLE user_totals (
    user_id BIGINT PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    images BIGINT NOT NULL DEFAULT 0,
    bytes BIGINT NOT NULL DEFAULT 0
);

CREATE TRIGGER users_begin_totals AFTER INSERT ON users
BEGIN
    INSERT INTO user_totals (user_id) VALUES (NEW.id);
END;

CREATE TRIGGER images_counted AFTER UPDATE OF state ON images
    WHEN (OLD.state IN ('receiving', 'deleted')) <> (NEW.state IN ('receiving', 'deleted'))
BEGIN
    UPDATE user_totals
    SET images = images + CASE WHEN NEW.state IN ('receiving', 'deleted') THEN -1 ELSE 1 END,
        bytes = bytes + CASE WHEN NEW.state IN ('receiving', 'deleted') THEN -NEW.bytes ELSE NEW.bytes END
    WHERE user_id = NEW.user_id;
END;

INSERT INTO user_totals (user_id, images, bytes)
    SELECT users.id, COUNT(images.id), COALESCE(SUM(images.bytes), 0)
    FROM users
    LEFT JOIN images ON images.user_id = users.id AND images.state NOT IN ('receiving', 'deleted')
    GROUP BY users.id;
