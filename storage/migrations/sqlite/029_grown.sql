-- Which of the stories that a chat was sent grew since: an edition asks it of forty,
-- and of each nothing else.
CREATE INDEX stories_grown ON stories (id, joined, hosts);
