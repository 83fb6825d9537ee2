DROP INDEX images_outdated;
DROP INDEX images_failed;
