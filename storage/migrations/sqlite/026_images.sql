
-- The joiner's matcher as it lies in memory, so that one that starts has it at once
-- (digest/image.go). It says nothing that the topics do not say: it may be taken away
-- at any time, and is not used when anything about it is not right.
CREATE TABLE matcher_pieces (
    part  BIGINT NOT NULL,
    piece BIGINT NOT NULL,
    bytes BLOB   NOT NULL,
    PRIMARY KEY (part, piece)
);
