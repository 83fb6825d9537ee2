-- Until when one replica's upkeep is at a row, and the others leave it alone.
ALTER TABLE images ADD COLUMN reserved_until TIMESTAMP;
