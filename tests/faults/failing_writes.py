"""A database in which the nth write fails, as PostgreSQL fails when its disk does: at the statement, or at the COMMIT."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from psycopg import sql

DISK_FULL, IO_ERROR = "53100", "58030"
STATEMENT, COMMIT = "statement", "commit"


class FailingWrites:
    """Fails the nth (from 0) statement that writes, or the nth transaction that has written, with this SQLSTATE."""

    def __init__(self, url: str, nth: int, state: str, when: str) -> None:
        self._url, self._plan = url, (nth + 1, state, when)
        self.failed: list[str] = []
        """Which table's write was failed, and when: `documents commit`."""

    @contextmanager
    def failing(self) -> Iterator["FailingWrites"]:
        """Within the block."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            if not connection.execute("SELECT to_regnamespace('faults')").fetchone()[0]:
                prepare(connection)
            for name in _numbers(connection):
                connection.execute(sql.SQL("ALTER SEQUENCE faults.{} RESTART").format(sql.Identifier(name)))
            connection.execute("INSERT INTO faults.plan VALUES (%s, %s, %s)", self._plan)
            try:
                yield self
            finally:
                connection.execute("DELETE FROM faults.plan")
            self.failed = [name for name, last in _numbers(connection).items() if " " in name and last]


def prepare(connection: psycopg.Connection) -> None:
    """Every table of the portal asks, before it is written and before it is committed, whether it is to fail."""
    connection.execute(_PREPARED)
    for table in _tables(connection):
        for when, trigger in _TRIGGERS.items():
            names = {"number": f"{table} {when}", "table": table}
            connection.execute(
                sql.SQL("CREATE SEQUENCE faults.{number}").format(number=sql.Identifier(names["number"]))
            )
            connection.execute(sql.SQL(trigger).format(table=sql.Identifier("portal", table)))


def _tables(connection: psycopg.Connection) -> Sequence[str]:
    return [name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'portal'")]


def _numbers(connection: psycopg.Connection) -> dict[str, int | None]:
    return dict(connection.execute("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'faults'"))


# Numbers of sequences stay when the transaction that took them is taken back: so they count, and tell what failed.
_PREPARED = """
CREATE SCHEMA faults;
CREATE TABLE faults.plan (nth bigint, state text, happens text);
CREATE SEQUENCE faults.writes;
CREATE SEQUENCE faults.transaction MINVALUE 0;

CREATE FUNCTION faults.fail_in_turn() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE planned faults.plan;
BEGIN
    SELECT * INTO planned FROM faults.plan WHERE happens = TG_ARGV[0];
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF TG_ARGV[0] = 'commit' THEN
        -- The first row of a transaction stands for all of them.
        IF (SELECT last_value FROM faults.transaction) = txid_current() THEN
            RETURN NULL;
        END IF;
        PERFORM setval('faults.transaction', txid_current());
    END IF;
    IF nextval('faults.writes') = planned.nth THEN
        PERFORM nextval(format('faults.%I', TG_TABLE_NAME || ' ' || TG_ARGV[0]));
        RAISE EXCEPTION 'could not write to file "base/1/1": a failure made for a test' USING ERRCODE = planned.state;
    END IF;
    RETURN NULL;
END $$;
"""
_TRIGGERS = {
    STATEMENT: "CREATE TRIGGER fails BEFORE INSERT OR UPDATE OR DELETE ON {table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION faults.fail_in_turn('statement')",
    COMMIT: "CREATE CONSTRAINT TRIGGER fails_late AFTER INSERT OR UPDATE OR DELETE ON {table}"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION faults.fail_in_turn('commit')",
}
