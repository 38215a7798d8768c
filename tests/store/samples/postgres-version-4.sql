-- Everything that the portal keeps in PostgreSQL 15 or later, in a schema of its own. Texts are compared byte by byte
-- (COLLATE "C"), which is the order of characters and the same on every machine.

CREATE SCHEMA IF NOT EXISTS portal;

CREATE TABLE portal.schema_version (version integer NOT NULL);
INSERT INTO portal.schema_version VALUES (4);

-- The SHA-256 over a document and what it is found by, as whoever writes it works it out. It is the same for ever, since
-- the database's encoding is UTF8.
CREATE FUNCTION portal.seal_of(VARIADIC parts text[]) RETURNS bytea
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT sha256(convert_to(array_to_string(parts, E'\n'), 'UTF8')) $$;

-- A document, whole, and beside it what it is found by. The body is text as it was written (json, not jsonb): it comes back
-- exactly so, and twice as fast. `sound` is worked out by PostgreSQL at each write, by whomever: false when the document
-- or its columns were changed by hand and its seal was not.
CREATE TABLE portal.documents (
    id text COLLATE "C" PRIMARY KEY,
    revision integer NOT NULL,
    process text COLLATE "C" NOT NULL,
    lcsa text COLLATE "C" NOT NULL,
    organization text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    changed_at text COLLATE "C" NOT NULL,  -- the time of the last entry of its history
    owed_since text COLLATE "C",           -- the same, while it owes a notice
    body json NOT NULL,
    seal bytea NOT NULL,
    sound boolean NOT NULL GENERATED ALWAYS AS (
        seal = portal.seal_of(id, revision::text, process, lcsa, organization, status, changed_at, body::text)
    ) STORED
);
DO $$ BEGIN
    ALTER TABLE portal.documents ALTER COLUMN body SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;  -- this PostgreSQL was built without it; its own compression takes a little longer
END $$;
CREATE INDEX documents_newest ON portal.documents (changed_at DESC, id DESC)
    INCLUDE (process, lcsa, organization, status) WHERE sound;
CREATE INDEX documents_of_lcsa ON portal.documents (lcsa, changed_at DESC, id DESC)
    INCLUDE (process, organization, status) WHERE sound;
CREATE INDEX documents_by_name ON portal.documents (lcsa, organization, id) INCLUDE (process, status) WHERE sound;
CREATE INDEX documents_of_organization ON portal.documents (organization, changed_at DESC, id DESC)
    INCLUDE (process, lcsa, status) WHERE sound;
CREATE INDEX documents_of_status ON portal.documents (status, changed_at DESC, id DESC)
    INCLUDE (process, lcsa, organization) WHERE sound;
CREATE INDEX documents_that_owe ON portal.documents (owed_since, id) WHERE owed_since IS NOT NULL AND sound;
CREATE INDEX documents_damaged ON portal.documents (id) WHERE NOT sound;

-- What words are looked for in: id, lcsa and organization, a line for each, without upper case. A table of its own, since
-- it changes with the status at most: most steps are taken without writing it. What else is asked of a document stands
-- there too, so that searches for words are counted here alone. The index needs PostgreSQL's extension pg_trgm; where it is
-- not to be had, this table is read through instead.
CREATE TABLE portal.words (
    document_id text COLLATE "C" PRIMARY KEY REFERENCES portal.documents ON DELETE CASCADE,
    process text COLLATE "C" NOT NULL,
    lcsa text COLLATE "C" NOT NULL,
    organization text COLLATE "C" NOT NULL,
    words text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL
);
DO $$ BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA portal;
    EXECUTE (
        SELECT format('CREATE INDEX words_by_three ON portal.words USING gin (words %I.gin_trgm_ops)', nspname)
        FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'pg_trgm'
    );
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
    NULL;
END $$;

-- The open tasks of every document, each found at its place in inboxes: `goal_on` and `since` are '~' where there is none,
-- which sorts after every date; `opens_on` is empty for what can be taken at once.
CREATE TABLE portal.tasks (
    document_id text COLLATE "C" NOT NULL REFERENCES portal.documents ON DELETE CASCADE,
    number integer NOT NULL,
    role text COLLATE "C" NOT NULL,
    step text COLLATE "C" NOT NULL,
    lcsa text COLLATE "C" NOT NULL,
    organization text COLLATE "C" NOT NULL,
    waiting boolean NOT NULL,
    opens_on text COLLATE "C" NOT NULL,
    goal_on text COLLATE "C" NOT NULL,
    since text COLLATE "C" NOT NULL,
    task json NOT NULL,
    PRIMARY KEY (document_id, number)
);
CREATE INDEX tasks_of_role ON portal.tasks (role, goal_on, since, document_id, number)
    INCLUDE (waiting) WHERE opens_on = '';
CREATE INDEX tasks_of_lcsa ON portal.tasks (role, lcsa, goal_on, since, document_id, number)
    INCLUDE (waiting) WHERE opens_on = '';
CREATE INDEX tasks_of_organization ON portal.tasks (role, organization, goal_on, since, document_id, number)
    INCLUDE (waiting, lcsa) WHERE opens_on = '';
CREATE INDEX tasks_opening ON portal.tasks (role, opens_on) INCLUDE (waiting, lcsa, organization) WHERE opens_on > '';
CREATE INDEX tasks_dated ON portal.tasks (role, goal_on, since, document_id, number)
    INCLUDE (waiting, opens_on, lcsa, organization) WHERE opens_on > '';
CREATE INDEX tasks_opening_of_lcsa ON portal.tasks (role, lcsa, opens_on)
    INCLUDE (waiting, organization, goal_on, since, document_id, number) WHERE opens_on > '';
CREATE INDEX tasks_opening_of_organization ON portal.tasks (role, organization, opens_on)
    INCLUDE (waiting, lcsa, goal_on, since, document_id, number) WHERE opens_on > '';
CREATE INDEX tasks_due ON portal.tasks (step, opens_on, document_id) WHERE opens_on > '';
CREATE INDEX tasks_begun ON portal.tasks (greatest(opens_on, left(since, 10)), document_id, number) WHERE waiting;
CREATE INDEX tasks_goal ON portal.tasks (goal_on, document_id, number) WHERE waiting AND goal_on < '~';

-- How many there are, so that a long list knows its length without being counted. The numbers of a group stand in
-- several shards, added up when they are read, so that writers do not wait for each other.
CREATE TABLE portal.document_counts (
    process text COLLATE "C" NOT NULL,
    lcsa text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    shard smallint NOT NULL,
    number bigint NOT NULL,
    PRIMARY KEY (process, lcsa, status, shard)
) WITH (fillfactor = 50);
CREATE TABLE portal.task_counts (  -- of tasks that can be taken at once
    role text COLLATE "C" NOT NULL,
    lcsa text COLLATE "C" NOT NULL,
    waiting boolean NOT NULL,
    shard smallint NOT NULL,
    number bigint NOT NULL,
    PRIMARY KEY (role, lcsa, waiting, shard)
) WITH (fillfactor = 50);

-- What no two documents may hold at the same time.
CREATE TABLE portal.claims (
    claim text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    document_id text COLLATE "C" NOT NULL REFERENCES portal.documents ON DELETE CASCADE,
    PRIMARY KEY (claim, value)
);
CREATE INDEX claims_of_document ON portal.claims (document_id);

-- What documents hold, and the sum over all of them.
CREATE TABLE portal.holdings (
    document_id text COLLATE "C" NOT NULL REFERENCES portal.documents ON DELETE CASCADE,
    key text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (document_id, key)
);
CREATE TABLE portal.held (key text COLLATE "C" PRIMARY KEY, amount bigint NOT NULL);

-- The highest number that was given to a document, by prefix and year. Numbers may be lost, and are never given again.
CREATE TABLE portal.numbers (
    prefix text COLLATE "C" NOT NULL,
    year integer NOT NULL,
    last bigint NOT NULL,
    PRIMARY KEY (prefix, year)
);

-- Keys are what UTF-8 makes of them: convert_from(key, 'UTF8') shows one. `name` is the key, cut and completed by its
-- SHA-256 where it is too long for an index. The body is text as it was written, without its revision.
CREATE TABLE portal.records (
    kind text COLLATE "C" NOT NULL,
    name bytea NOT NULL,
    key bytea NOT NULL,
    revision integer NOT NULL,
    body json NOT NULL CHECK (json_typeof(body) = 'object'),
    PRIMARY KEY (kind, name)
);

CREATE TABLE portal.files (sha256 text COLLATE "C" PRIMARY KEY, content bytea NOT NULL);
ALTER TABLE portal.files ALTER COLUMN content SET STORAGE EXTERNAL;  -- papers are compressed already

-- `line` is the text that was hashed; `words` its values without upper case, to search in; the others those values by
-- which lines are found.
CREATE TABLE portal.access_log (
    seq bigint PRIMARY KEY,
    hash text COLLATE "C" NOT NULL,
    words text COLLATE "C" NOT NULL,
    line json NOT NULL,
    at text COLLATE "C" NOT NULL DEFAULT '',
    who text COLLATE "C" NOT NULL DEFAULT '',
    role text COLLATE "C" NOT NULL DEFAULT '',
    did text COLLATE "C" NOT NULL DEFAULT '',
    record text COLLATE "C" NOT NULL DEFAULT '',
    outcome text COLLATE "C" NOT NULL DEFAULT ''
);
CREATE INDEX access_log_of_person ON portal.access_log (who, seq DESC);
CREATE INDEX access_log_of_record ON portal.access_log (record, seq DESC) WHERE record <> '';
CREATE INDEX access_log_not_done ON portal.access_log (outcome, seq DESC) WHERE outcome <> 'done';
CREATE INDEX access_log_by_time ON portal.access_log (at, seq);

-- One row, written by whoever asks whether the store can be written.
CREATE TABLE portal.trial (written_at timestamptz NOT NULL);
INSERT INTO portal.trial VALUES (now());
