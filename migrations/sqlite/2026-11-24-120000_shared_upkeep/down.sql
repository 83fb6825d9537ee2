ALTER TABLE images DROP COLUMN reserved_until;
