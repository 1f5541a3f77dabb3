-- Visits begun and not ended in a row: above 0, one of them broke off with the
-- program or is under way.
ALTER TABLE sources ADD COLUMN broke BIGINT NOT NULL DEFAULT 0;
-- Where the server says that the source lives now, '' for its address, and
-- since when it is believed; where it said so of late, and how often in a row.
ALTER TABLE sources ADD COLUMN moved TEXT NOT NULL DEFAULT '';
ALTER TABLE sources ADD COLUMN moved_at BIGINT;
ALTER TABLE sources ADD COLUMN sighted TEXT NOT NULL DEFAULT '';
ALTER TABLE sources ADD COLUMN sightings BIGINT NOT NULL DEFAULT 0;
-- The status with which its server refused at last, 0 when it did not.
ALTER TABLE sources ADD COLUMN status BIGINT NOT NULL DEFAULT 0;
-- What its document asks: milliseconds between two visits, and the hours and
-- days, in UTC, without visits: a bit for each, from 0 and from Sunday.
ALTER TABLE sources ADD COLUMN lull BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN skip_hours BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN skip_days BIGINT NOT NULL DEFAULT 0;
-- When somebody was told that it fails, NULL while nobody was.
ALTER TABLE sources ADD COLUMN told BIGINT;
-- An outage that nobody was told of, and one that is over, are found here.
CREATE INDEX sources_failing ON sources (failing_since) WHERE failing_since IS NOT NULL AND told IS NULL;
CREATE INDEX sources_told ON sources (told) WHERE told IS NOT NULL;
