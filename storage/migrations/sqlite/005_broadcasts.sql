-- Whom a broadcast is for, and the message in the admin's chat that tells how
-- far it is. No language and no topic: everybody.
ALTER TABLE broadcasts ADD COLUMN language TEXT NOT NULL DEFAULT '';
ALTER TABLE broadcasts ADD COLUMN topic TEXT NOT NULL DEFAULT ''; -- canonical words: it may be forgotten meanwhile
ALTER TABLE broadcasts ADD COLUMN progress BIGINT NOT NULL DEFAULT 0;
ALTER TABLE broadcasts ADD COLUMN last_chat BIGINT NOT NULL DEFAULT 0; -- those known when it was confirmed
UPDATE broadcasts SET last_chat = 9223372036854775807 WHERE state = 'spreading';

-- Each broadcast has a line of its own: what waits for a paused one is not read
-- on the way to others.
DROP INDEX deliveries_due;
CREATE INDEX deliveries_due ON deliveries (kind, not_before, id) WHERE state = 'waiting' AND broadcast_id IS NULL;
CREATE INDEX deliveries_cast ON deliveries (broadcast_id, not_before, id) WHERE state = 'waiting' AND broadcast_id IS NOT NULL;

-- audiences
CREATE INDEX chats_language ON chats (language, announcements, id) WHERE paused = '';
DROP INDEX subscriptions_topic;
CREATE INDEX subscriptions_topic ON subscriptions (topic_id, chat_id);

-- Who is not served, as HMAC-SHA-256 of the Telegram user id with the key
-- 'bans' of secrets.
CREATE TABLE bans (
    hash TEXT   NOT NULL PRIMARY KEY,
    at   BIGINT NOT NULL
);
CREATE TABLE secrets (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
