-- What was done for chats that were erased since, by the quarter of an hour: it
-- goes on to count, and nothing in it belongs to a chat.
CREATE TABLE erased (
    quarter BIGINT NOT NULL, -- its beginning
    state   TEXT   NOT NULL,
    late    BIGINT NOT NULL, -- editions sent: the step of lateness; -1 for the rest
    number  BIGINT NOT NULL,
    PRIMARY KEY (quarter, state, late)
);
