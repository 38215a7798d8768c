-- From version 3: the tasks of everybody are found by the day since which they wait, and by their goal.

CREATE INDEX IF NOT EXISTS tasks_begun ON portal.tasks (greatest(opens_on, left(since, 10)), document_id, number) WHERE waiting;
CREATE INDEX IF NOT EXISTS tasks_goal ON portal.tasks (goal_on, document_id, number) WHERE waiting AND goal_on < '~';
UPDATE portal.schema_version SET version = 4;
