-- Why the last visit failed, in the word by which people are told; what exactly
-- happened stands in reason. Of what failed before it is not known.
ALTER TABLE sources ADD COLUMN fault TEXT NOT NULL DEFAULT '';
UPDATE sources SET fault = 'unknown' WHERE failing_since IS NOT NULL;

-- Who lives at an address by now.
CREATE INDEX sources_moved ON sources (moved) WHERE moved <> '';
