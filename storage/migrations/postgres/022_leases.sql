-- When the source's hub last brought news, NULL while none does.
ALTER TABLE sources ADD COLUMN brought BIGINT;

-- What hubs are asked for, and granted: to bring a source's document when it
-- changes. A row may outlive its source for the minutes in which its hub is told.
CREATE TABLE leases (
    source_id BIGINT NOT NULL PRIMARY KEY,
    hub       TEXT   NOT NULL,
    topic     TEXT   NOT NULL, -- what the hub calls the document
    token     TEXT   NOT NULL, -- the end of the address where the hub calls
    secret    TEXT   NOT NULL, -- with which it signs
    wanted    BIGINT NOT NULL, -- 0: it is to end
    until     BIGINT,          -- NULL while nothing is granted
    failures  BIGINT NOT NULL,
    next_ask  BIGINT NOT NULL
);
CREATE UNIQUE INDEX leases_token ON leases (token);
CREATE INDEX leases_due ON leases (next_ask);
