
-- What an edition is chosen from stands beside each other: a topic's matches, the
-- newest first, each with what choosing asks of its story. The joiner, who changes
-- that, keeps it as the story has it. Of matches made more than three days ago, whose
-- stories are too old to be told, none are taken along. The others are written in the
-- order of the old index, so nothing is sorted but the new one's entries.
CREATE TABLE matches_anew (
    topic_id  BIGINT NOT NULL REFERENCES topics (id) ON DELETE CASCADE,
    at        BIGINT NOT NULL,
    story_id  BIGINT NOT NULL REFERENCES stories (id) ON DELETE CASCADE,
    published BIGINT NOT NULL, -- the story's
    hosts     BIGINT NOT NULL, -- the story's
    score     DOUBLE PRECISION NOT NULL,
    language  TEXT   NOT NULL, -- the story's
    field     TEXT   NOT NULL,
    words     TEXT   NOT NULL,
    PRIMARY KEY (topic_id, at DESC, story_id DESC)
) WITHOUT ROWID;
INSERT INTO matches_anew (topic_id, at, story_id, published, hosts, score, language, field, words)
    SELECT m.topic_id, m.at, m.story_id, s.published, s.hosts, m.score, s.language, m.field, m.words
    FROM matches m INDEXED BY matches_newest CROSS JOIN stories s WHERE s.id = m.story_id
        AND m.at >= (CAST(strftime('%s', 'now') AS INTEGER) - 3 * 86400) * 1000
    ORDER BY m.topic_id, m.at DESC, m.story_id DESC;
DROP TABLE matches;
ALTER TABLE matches_anew RENAME TO matches;
CREATE UNIQUE INDEX matches_story ON matches (story_id, topic_id);
