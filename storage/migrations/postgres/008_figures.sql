-- When a delivery became due first and when it ended. not_before moves on while
-- Telegram makes its chat wait, so it tells neither.
ALTER TABLE deliveries ADD COLUMN due BIGINT NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN ended BIGINT;
UPDATE deliveries SET due = not_before;
UPDATE deliveries SET ended = not_before WHERE state <> 'waiting' AND state <> 'sending';
DROP INDEX deliveries_ended;
DROP INDEX deliveries_state;
-- what ended in a stretch of time is counted from this index alone
CREATE INDEX deliveries_ended ON deliveries (ended, state, kind, due) WHERE ended IS NOT NULL;
CREATE INDEX deliveries_overdue ON deliveries (kind, due) WHERE state = 'waiting';

-- One row an hour: how much there was of everything at its end, and what was
-- done in it. Nothing in it belongs to a chat.
CREATE TABLE figures (
    hour          BIGINT NOT NULL PRIMARY KEY, -- its beginning
    readers       BIGINT NOT NULL,
    active        BIGINT NOT NULL,
    paused        BIGINT NOT NULL,
    topics        BIGINT NOT NULL,
    subscriptions BIGINT NOT NULL,
    failing       BIGINT NOT NULL, -- sources
    bytes         BIGINT NOT NULL, -- of the database
    sent          BIGINT NOT NULL,
    failed        BIGINT NOT NULL,
    unknown       BIGINT NOT NULL,
    dropped       BIGINT NOT NULL,
    stories       BIGINT NOT NULL, -- new ones
    late          TEXT   NOT NULL  -- editions sent, by how late: a list of counts
);

-- What the admins were told: one row for each kind of trouble.
CREATE TABLE incidents (
    kind  TEXT   NOT NULL PRIMARY KEY,
    since BIGINT NOT NULL,
    told  BIGINT NOT NULL,
    ended BIGINT -- NULL while it lasts
);
