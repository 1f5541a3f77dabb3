-- What a language model wrote of stories that somebody follows, where the operator has
-- one: wanted, then done or refused. The text of an earlier answer stays until a better
-- one stands. It goes with its story.
CREATE TABLE abstracts (
    story_id   BIGINT NOT NULL PRIMARY KEY REFERENCES stories (id) ON DELETE CASCADE,
    state      TEXT   NOT NULL,
    hosts      BIGINT NOT NULL, -- that told the story when it was wanted
    next_visit BIGINT NOT NULL, -- of a wanted one
    attempts   BIGINT NOT NULL,
    text       TEXT   NOT NULL,
    articles   TEXT   NOT NULL, -- ids that the text was made of, a JSON array
    reason     TEXT   NOT NULL
);
CREATE INDEX abstracts_due ON abstracts (next_visit, story_id) WHERE state = 'wanted';

-- Tokens spent on them, by day (unix milliseconds of its beginning, UTC).
CREATE TABLE tokens_spent (
    day    BIGINT NOT NULL PRIMARY KEY,
    tokens BIGINT NOT NULL
);
