-- Why each story stood in an edition, in order, as JSON: it goes with the edition.
ALTER TABLE editions ADD COLUMN reasons TEXT NOT NULL DEFAULT '';
