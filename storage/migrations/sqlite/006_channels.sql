-- What a group or channel is called, and the private chat of the admin who is
-- told when we lose our rights there.
ALTER TABLE chats ADD COLUMN title TEXT NOT NULL DEFAULT '';
ALTER TABLE chats ADD COLUMN keeper_id BIGINT REFERENCES chats (id) ON DELETE SET NULL;
CREATE INDEX chats_keeper ON chats (keeper_id) WHERE keeper_id IS NOT NULL;

-- The channel that a private chat changes in place of itself, and until when.
ALTER TABLE chats ADD COLUMN steers_id BIGINT REFERENCES chats (id) ON DELETE SET NULL;
ALTER TABLE chats ADD COLUMN steers_until BIGINT;
CREATE INDEX chats_steers ON chats (steers_id) WHERE steers_id IS NOT NULL;
