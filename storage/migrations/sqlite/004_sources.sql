-- A source is listed by the operator, in the packs or in a file, or else some
-- reader's own. It is visited while it is listed or followed.
ALTER TABLE sources ADD COLUMN listed BIGINT NOT NULL DEFAULT 1;
UPDATE sources SET listed = visited;

-- The circle of an article or a story is 0 for listed sources, else the one own
-- source whose articles may join it. The twin of an article in an own circle is
-- the key that its address has in the circle of all.
ALTER TABLE articles ADD COLUMN circle BIGINT NOT NULL DEFAULT 0;
ALTER TABLE articles ADD COLUMN twin BIGINT NOT NULL DEFAULT 0;
ALTER TABLE stories ADD COLUMN circle BIGINT NOT NULL DEFAULT 0;
CREATE INDEX articles_circle ON articles (circle, seen, id) WHERE circle <> 0;
CREATE INDEX stories_circle ON stories (circle) WHERE circle <> 0;
DROP INDEX stories_top;
CREATE INDEX stories_top ON stories (language, published, hosts, id) WHERE circle = 0;
-- what a source carried, the newest first, though another had it before
CREATE INDEX articles_carried ON articles (source_id, seen, id);
DROP INDEX articles_source;
DROP INDEX article_keys_source;
CREATE INDEX article_keys_source ON article_keys (source_id, article_id);

-- What a chat thinks of a source: it follows it, mutes it, or both.
CREATE TABLE chat_sources (
    id        BIGINT NOT NULL PRIMARY KEY, -- rises: the order added
    chat_id   BIGINT NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    source_id BIGINT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    followed  BIGINT NOT NULL,
    muted     BIGINT NOT NULL,
    created   BIGINT NOT NULL,
    UNIQUE (chat_id, source_id)
);
CREATE INDEX chat_sources_source ON chat_sources (source_id);

-- The packs that a chat mutes.
CREATE TABLE chat_packs (
    chat_id  BIGINT NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    language TEXT   NOT NULL,
    subject  TEXT   NOT NULL,
    PRIMARY KEY (chat_id, language, subject)
) WITHOUT ROWID;
