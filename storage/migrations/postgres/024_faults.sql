-- +goose Up

-- Why the last visit failed, in the word by which people are told; what exactly
-- happened stands in reason. Of what failed before it is not known.
ALTER TABLE sources ADD COLUMN fault TEXT NOT NULL DEFAULT '';
UPDATE sources SET fault = 'unknown' WHERE failing_since IS NOT NULL;
