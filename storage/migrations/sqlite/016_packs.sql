-- News of one country are a pack of their own. Who muted those of a language has
-- muted them for each country.
CREATE TABLE muted_packs (
    chat_id  BIGINT NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    language TEXT   NOT NULL,
    subject  TEXT   NOT NULL,
    country  TEXT   NOT NULL, -- '' but for subject national
    PRIMARY KEY (chat_id, language, subject, country)
) WITHOUT ROWID;
INSERT INTO muted_packs (chat_id, language, subject, country)
    SELECT DISTINCT p.chat_id, p.language, p.subject, CASE WHEN p.subject = 'national' THEN COALESCE(v.country, '') ELSE '' END
    FROM chat_packs p LEFT JOIN sources v ON v.language = p.language AND v.subject = p.subject;
DROP TABLE chat_packs;
ALTER TABLE muted_packs RENAME TO chat_packs;

-- The packs that the admins do not want to be read for anybody.
CREATE TABLE unserved_packs (
    language TEXT NOT NULL,
    subject  TEXT NOT NULL,
    country  TEXT NOT NULL,
    PRIMARY KEY (language, subject, country)
) WITHOUT ROWID;
