-- Width and height in pixels and bytes of the variants that clients see. NULL for those of earlier releases.
ALTER TABLE images ADD COLUMN small_width BIGINT;
ALTER TABLE images ADD COLUMN small_height BIGINT;
ALTER TABLE images ADD COLUMN small_bytes BIGINT;
ALTER TABLE images ADD COLUMN medium_width BIGINT;
ALTER TABLE images ADD COLUMN medium_height BIGINT;
ALTER TABLE images ADD COLUMN medium_bytes BIGINT;
