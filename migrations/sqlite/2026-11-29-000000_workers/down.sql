DROP INDEX images_failed_by_code;
DROP TABLE workers;
