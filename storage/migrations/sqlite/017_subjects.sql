-- What an article is about, decided when it was joined (digest.SubjectShares), NULL
-- before and for those joined by versions that did not keep it.
ALTER TABLE articles ADD COLUMN subjects BLOB;
