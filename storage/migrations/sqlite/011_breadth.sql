-- How much of what fits a topic a chat wants: 0 what is about it, 1 only what
-- names it in the headline, 2 also what mentions it in passing.
ALTER TABLE subscriptions ADD COLUMN breadth BIGINT NOT NULL DEFAULT 0;
