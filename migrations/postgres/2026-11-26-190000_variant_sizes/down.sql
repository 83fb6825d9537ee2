ALTER TABLE images DROP COLUMN medium_bytes;
ALTER TABLE images DROP COLUMN medium_height;
ALTER TABLE images DROP COLUMN medium_width;
ALTER TABLE images DROP COLUMN small_bytes;
ALTER TABLE images DROP COLUMN small_height;
ALTER TABLE images DROP COLUMN small_width;
