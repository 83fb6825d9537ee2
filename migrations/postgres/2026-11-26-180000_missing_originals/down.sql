ALTER TABLE images DROP COLUMN original_missed_at;
