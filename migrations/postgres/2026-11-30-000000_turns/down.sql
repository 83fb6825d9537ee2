DROP FUNCTION number_image_events;
DROP INDEX images_held;
ALTER TABLE images DROP COLUMN held;
