
-- As in the SQLite file.
ALTER TABLE matches RENAME TO matches_before;
CREATE TABLE matches (
    topic_id  BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    story_id  BIGINT NOT NULL,
    published BIGINT NOT NULL, -- the story's
    hosts     BIGINT NOT NULL, -- the story's
    score     DOUBLE PRECISION NOT NULL,
    language  TEXT   NOT NULL, -- the story's
    field     TEXT   NOT NULL,
    words     TEXT   NOT NULL
) WITH (fillfactor = 85); -- what stands of a story changes in place
INSERT INTO matches (topic_id, at, story_id, published, hosts, score, language, field, words)
    SELECT m.topic_id, m.at, m.story_id, s.published, s.hosts, m.score, s.language, m.field, m.words
    FROM matches_before m JOIN stories s ON s.id = m.story_id
    WHERE m.at >= (CAST(EXTRACT(EPOCH FROM now()) AS BIGINT) - 3 * 86400) * 1000
    ORDER BY m.topic_id, m.at, m.story_id;
DROP TABLE matches_before;
ALTER TABLE matches ADD PRIMARY KEY (topic_id, at, story_id);
CREATE UNIQUE INDEX matches_story ON matches (story_id, topic_id);
ALTER TABLE matches ADD FOREIGN KEY (topic_id) REFERENCES topics (id) ON DELETE CASCADE;
ALTER TABLE matches ADD FOREIGN KEY (story_id) REFERENCES stories (id) ON DELETE CASCADE;
ANALYZE matches;
