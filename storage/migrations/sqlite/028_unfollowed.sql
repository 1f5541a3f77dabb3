
-- What a chat stopped following, for some days: to take that back brings the
-- subscription back as it was. Its topic stays meanwhile, with what fits it.
CREATE TABLE unfollowed (
    id       BIGINT NOT NULL PRIMARY KEY, -- the subscription's
    chat_id  BIGINT NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    topic_id BIGINT NOT NULL REFERENCES topics (id),
    label    TEXT   NOT NULL,
    muted    BIGINT NOT NULL,
    breadth  BIGINT NOT NULL,
    alerts   BIGINT NOT NULL,
    created  BIGINT NOT NULL,
    ended    BIGINT NOT NULL,
    UNIQUE (chat_id, topic_id)
);
CREATE INDEX unfollowed_topic ON unfollowed (topic_id);
CREATE INDEX unfollowed_ended ON unfollowed (ended);
