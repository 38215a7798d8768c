-- From version 1: what lines of the access log are found by stands in columns of its own, and documents are found by name.

CREATE INDEX IF NOT EXISTS documents_by_name ON portal.documents (lcsa, organization, id)
    INCLUDE (process, status) WHERE sound;

ALTER TABLE portal.access_log
    ADD COLUMN at text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN who text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN role text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN did text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN record text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN outcome text COLLATE "C" NOT NULL DEFAULT '';
UPDATE portal.access_log SET
    at = coalesce(told ->> 'at', ''),
    who = coalesce(told ->> 'who', ''),
    role = coalesce(told ->> 'role', ''),
    did = coalesce(told ->> 'did', ''),
    record = coalesce(told ->> 'record', ''),
    outcome = coalesce(told ->> 'outcome', '')
FROM (SELECT seq AS of_seq, replace(line::text, '\u0000', ' ')::json AS told FROM portal.access_log) AS every
WHERE seq = of_seq;
CREATE INDEX access_log_of_person ON portal.access_log (who, seq DESC);
CREATE INDEX access_log_of_record ON portal.access_log (record, seq DESC) WHERE record <> '';
CREATE INDEX access_log_not_done ON portal.access_log (outcome, seq DESC) WHERE outcome <> 'done';
CREATE INDEX access_log_by_time ON portal.access_log (at, seq);
UPDATE portal.schema_version SET version = 2;
