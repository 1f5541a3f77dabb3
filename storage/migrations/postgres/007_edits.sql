-- The message of ours that a delivery changes in place; 0: it is a new one.
ALTER TABLE deliveries ADD COLUMN edits BIGINT NOT NULL DEFAULT 0;
