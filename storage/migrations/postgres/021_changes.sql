-- What a chat knows of a story it was sent: how many hosts told it and when the
-- newest of its articles was seen, NULL for what was sent before this was kept;
-- and when it was told what had changed, NULL while it was not.
ALTER TABLE sent ADD COLUMN hosts BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sent ADD COLUMN known BIGINT;
ALTER TABLE sent ADD COLUMN updated BIGINT;
