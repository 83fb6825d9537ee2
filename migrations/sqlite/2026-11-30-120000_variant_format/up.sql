-- The format of the variants that clients see, which depends on a setting. NULL: those of an earlier release, whose format
-- follows from that of the original.
ALTER TABLE images ADD COLUMN variant_format TEXT;
