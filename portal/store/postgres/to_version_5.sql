-- From version 4: the tasks of one step are found in an inbox.

CREATE INDEX IF NOT EXISTS tasks_of_step ON portal.tasks (role, step, goal_on, since, document_id, number)
    INCLUDE (waiting, opens_on, lcsa, organization);
UPDATE portal.schema_version SET version = 5;
