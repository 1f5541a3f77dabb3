-- Whether the chat wants to hear of the topic's stories at once when many tell
-- them within an hour.
ALTER TABLE subscriptions ADD COLUMN alerts BIGINT NOT NULL DEFAULT 0;
CREATE INDEX subscriptions_alerts ON subscriptions (topic_id, chat_id) WHERE alerts = 1;

-- Stories of a few hosts that fit topics with alerts: when to look whether they
-- are to be told at once.
CREATE TABLE surges (
    story_id BIGINT NOT NULL PRIMARY KEY REFERENCES stories (id) ON DELETE CASCADE,
    look     BIGINT, -- NULL: when another article joins
    looked   BIGINT, -- NULL before the first look
    news     BIGINT NOT NULL -- counts the articles that asked for a look
);
CREATE INDEX surges_look ON surges (look) WHERE look IS NOT NULL;

-- What a chat was told at once. It outlives the story.
CREATE TABLE alerts (
    story_id BIGINT NOT NULL,
    chat_id  BIGINT NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    topic_id BIGINT NOT NULL,
    made     BIGINT NOT NULL,
    hosts    BIGINT NOT NULL, -- independent ones that it tells of
    shown    BIGINT NOT NULL, -- when it was made or brought up to date
    reasons  TEXT   NOT NULL, -- as an edition's
    PRIMARY KEY (story_id, chat_id)
);
CREATE INDEX alerts_chat ON alerts (chat_id, made);
CREATE INDEX alerts_made ON alerts (made);

-- The story that an alert's delivery tells, NULL for others.
ALTER TABLE deliveries ADD COLUMN story_id BIGINT;
