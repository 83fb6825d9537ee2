DROP INDEX images_unfinished;
