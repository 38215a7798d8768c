-- From version 2: what words find is counted by status too without looking at the documents, and tasks that open on a date
-- stand in the order of inboxes.

ALTER TABLE portal.words ADD COLUMN status text COLLATE "C" NOT NULL DEFAULT '';
UPDATE portal.words SET status = documents.status FROM portal.documents WHERE id = document_id;
ALTER TABLE portal.words ALTER COLUMN status DROP DEFAULT;
CREATE INDEX IF NOT EXISTS tasks_dated ON portal.tasks (role, goal_on, since, document_id, number)
    INCLUDE (waiting, opens_on, lcsa, organization) WHERE opens_on > '';
CREATE INDEX IF NOT EXISTS tasks_opening_of_lcsa ON portal.tasks (role, lcsa, opens_on)
    INCLUDE (waiting, organization, goal_on, since, document_id, number) WHERE opens_on > '';
CREATE INDEX IF NOT EXISTS tasks_opening_of_organization ON portal.tasks (role, organization, opens_on)
    INCLUDE (waiting, lcsa, goal_on, since, document_id, number) WHERE opens_on > '';
UPDATE portal.schema_version SET version = 3;
