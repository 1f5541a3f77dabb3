-- Times are unix milliseconds, NULL for never. Ids are made in Go. Flags are 0
-- or 1. Lists are JSON. The PostgreSQL file holds the same tables in the same
-- order.

CREATE TABLE sources (
    id            BIGINT NOT NULL PRIMARY KEY,
    address       TEXT   NOT NULL UNIQUE,
    name          TEXT   NOT NULL,
    home          TEXT   NOT NULL,
    language      TEXT   NOT NULL,
    country       TEXT   NOT NULL,
    subject       TEXT   NOT NULL,
    visited       BIGINT NOT NULL, -- 0: listed nowhere any more, kept for its articles
    etag          TEXT   NOT NULL,
    last_modified TEXT   NOT NULL,
    body_hash     TEXT   NOT NULL,
    next_visit    BIGINT NOT NULL,
    last_visit    BIGINT,
    last_change   BIGINT,
    pace          BIGINT NOT NULL, -- milliseconds between two visits
    failures      BIGINT NOT NULL,
    failing_since BIGINT,
    reason        TEXT   NOT NULL
);
CREATE INDEX sources_due ON sources (next_visit, id) WHERE visited = 1;

CREATE TABLE stories (
    id        BIGINT NOT NULL PRIMARY KEY,
    title     TEXT   NOT NULL,
    address   TEXT   NOT NULL,
    outlet    TEXT   NOT NULL,
    host      TEXT   NOT NULL,
    language  TEXT   NOT NULL,
    published BIGINT NOT NULL,
    joined    BIGINT NOT NULL,
    hosts     BIGINT NOT NULL
);
-- the best of a language is chosen from this index alone
CREATE INDEX stories_top ON stories (language, published, hosts, id);
CREATE INDEX stories_joined ON stories (joined);

CREATE TABLE articles (
    id         BIGINT NOT NULL PRIMARY KEY,
    source_id  BIGINT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    story_id   BIGINT REFERENCES stories (id) ON DELETE CASCADE, -- NULL: not joined yet
    outlet     TEXT   NOT NULL,
    guid       TEXT   NOT NULL,
    address    TEXT   NOT NULL,
    host       TEXT   NOT NULL,
    title      TEXT   NOT NULL,
    text       TEXT   NOT NULL,
    content    TEXT   NOT NULL,
    author     TEXT   NOT NULL,
    language   TEXT   NOT NULL,
    categories TEXT   NOT NULL,
    published  BIGINT NOT NULL,
    seen       BIGINT NOT NULL
);
-- story_id stands in it so that the planner sees that it gives the order
CREATE INDEX articles_unjoined ON articles (story_id, id) WHERE story_id IS NULL;
CREATE INDEX articles_story ON articles (story_id, published, id);
CREATE INDEX articles_seen ON articles (seen, id);
CREATE INDEX articles_source ON articles (source_id);

-- Keys outlive their article: a feed may list for weeks what we keep a week.
CREATE TABLE article_keys (
    hash       BIGINT NOT NULL,
    article_id BIGINT NOT NULL,
    source_id  BIGINT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    title      BIGINT NOT NULL,
    published  BIGINT NOT NULL,
    seen       BIGINT NOT NULL,
    PRIMARY KEY (hash, article_id)
) WITHOUT ROWID;
CREATE INDEX article_keys_seen ON article_keys (seen);
CREATE INDEX article_keys_source ON article_keys (source_id);

-- Our own tokens, encoded so that the tokenizer neither splits nor folds them.
-- The index keeps no text of its own.
CREATE VIRTUAL TABLE article_words USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);
CREATE TRIGGER articles_forget_words AFTER DELETE ON articles BEGIN
    DELETE FROM article_words WHERE rowid = old.id;
END;

CREATE TABLE topics (
    id      BIGINT NOT NULL PRIMARY KEY,
    text    TEXT   NOT NULL UNIQUE,
    created BIGINT NOT NULL
);

CREATE TABLE matches (
    topic_id BIGINT NOT NULL REFERENCES topics (id) ON DELETE CASCADE,
    story_id BIGINT NOT NULL REFERENCES stories (id) ON DELETE CASCADE,
    score    DOUBLE PRECISION NOT NULL,
    words    TEXT   NOT NULL,
    field    TEXT   NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (topic_id, story_id)
);
CREATE INDEX matches_newest ON matches (topic_id, at DESC, story_id DESC);
CREATE INDEX matches_story ON matches (story_id);

CREATE TABLE chats (
    id           BIGINT NOT NULL PRIMARY KEY,
    telegram     BIGINT NOT NULL,
    thread       BIGINT NOT NULL,
    kind         TEXT   NOT NULL,
    language     TEXT   NOT NULL,
    zone         TEXT   NOT NULL,
    zone_set     BIGINT NOT NULL,
    schedule     TEXT   NOT NULL,
    next_edition BIGINT,
    asked        BIGINT NOT NULL,
    last_edition BIGINT,
    expects      TEXT   NOT NULL,
    paused       TEXT   NOT NULL,
    paused_at    BIGINT,
    created      BIGINT NOT NULL,
    UNIQUE (telegram, thread)
);
CREATE INDEX chats_due ON chats (next_edition, id) WHERE paused = '';
CREATE INDEX chats_reading ON chats (id) WHERE paused = '';
CREATE INDEX chats_paused ON chats (paused_at) WHERE paused <> '';

-- The topic is not deleted under its followers: the act that leaves it without
-- any deletes it.
CREATE TABLE subscriptions (
    id       BIGINT NOT NULL PRIMARY KEY, -- rises: the order followed
    chat_id  BIGINT NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    topic_id BIGINT NOT NULL REFERENCES topics (id),
    label    TEXT   NOT NULL,
    muted    BIGINT NOT NULL,
    created  BIGINT NOT NULL,
    UNIQUE (chat_id, topic_id)
);
CREATE INDEX subscriptions_topic ON subscriptions (topic_id);

CREATE TABLE editions (
    id       BIGINT NOT NULL PRIMARY KEY,
    chat_id  BIGINT NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    slot     BIGINT NOT NULL,
    asked    BIGINT NOT NULL,
    composed BIGINT NOT NULL,
    UNIQUE (chat_id, slot)
);
CREATE INDEX editions_composed ON editions (composed);

-- What a chat was sent. It outlives the story.
CREATE TABLE sent (
    chat_id  BIGINT NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    story_id BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (chat_id, story_id)
) WITHOUT ROWID;
CREATE INDEX sent_at ON sent (at);

CREATE TABLE broadcasts (
    id       BIGINT NOT NULL PRIMARY KEY,
    admin_id BIGINT REFERENCES chats (id) ON DELETE SET NULL,
    message  TEXT   NOT NULL,
    state    TEXT   NOT NULL,
    reached  BIGINT NOT NULL,
    created  BIGINT NOT NULL,
    started  BIGINT,
    ended    BIGINT
);
CREATE INDEX broadcasts_admin ON broadcasts (admin_id);

CREATE TABLE deliveries (
    id           BIGINT NOT NULL PRIMARY KEY,
    chat_id      BIGINT NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    kind         BIGINT NOT NULL,
    edition_id   BIGINT,
    broadcast_id BIGINT REFERENCES broadcasts (id) ON DELETE CASCADE,
    message      TEXT   NOT NULL, -- '': the broadcast's
    state        TEXT   NOT NULL,
    not_before   BIGINT NOT NULL,
    attempts     BIGINT NOT NULL,
    ambiguous    BIGINT NOT NULL,
    sent         BIGINT NOT NULL,
    reason       TEXT   NOT NULL
);
-- the lane reads each kind from its most overdue on
CREATE INDEX deliveries_due ON deliveries (kind, not_before, id) WHERE state = 'waiting';
CREATE INDEX deliveries_sending ON deliveries (id) WHERE state = 'sending';
-- what stands before a delivery in its chat
CREATE INDEX deliveries_chat ON deliveries (chat_id, state, kind, id);
CREATE INDEX deliveries_ended ON deliveries (not_before) WHERE state <> 'waiting' AND state <> 'sending';
CREATE INDEX deliveries_state ON deliveries (state);
CREATE UNIQUE INDEX deliveries_broadcast ON deliveries (broadcast_id, chat_id) WHERE broadcast_id IS NOT NULL;
CREATE INDEX deliveries_tally ON deliveries (broadcast_id, state, reason) WHERE broadcast_id IS NOT NULL;

CREATE TABLE pauses (
    scope TEXT   NOT NULL PRIMARY KEY,
    until BIGINT NOT NULL
);

CREATE TABLE updates (
    id BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL
);
CREATE INDEX updates_at ON updates (at);

CREATE TABLE settings (
    name  TEXT   NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
