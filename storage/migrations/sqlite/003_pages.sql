-- Articles' pages: wanted for stories that somebody follows whose feed gave a
-- teaser, then read (done), not to be read (refused) or given up (failed). A
-- page goes with its article.
CREATE TABLE pages (
    article_id BIGINT NOT NULL PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    state      TEXT   NOT NULL,
    wanted     BIGINT NOT NULL, -- since when
    next_visit BIGINT NOT NULL, -- of a wanted one
    attempts   BIGINT NOT NULL,
    reason     TEXT   NOT NULL,
    kind       TEXT   NOT NULL, -- what the page is, '' before it was read
    title      TEXT   NOT NULL,
    text       TEXT   NOT NULL, -- only an article's
    author     TEXT   NOT NULL,
    published  BIGINT,
    picture    TEXT   NOT NULL,
    language   TEXT   NOT NULL
);
CREATE INDEX pages_due ON pages (next_visit, article_id) WHERE state = 'wanted';
