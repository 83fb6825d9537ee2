DROP INDEX images_held;
ALTER TABLE images DROP COLUMN held;
