ALTER TABLE images DROP COLUMN variant_format;
