"""The tables, made at first use by whoever comes first."""

from importlib.resources import files

from portal.store.errors import Unavailable
from portal.store.postgres.connections import Connections, Session
from portal.store.postgres.locks import lock

VERSION = 5
"""The tables' version; `portal.schema_version` holds that of the database."""

OLDEST_SERVER = 150000

# Asked of the catalog's tables: `to_regclass` may answer from what this connection remembers.
_THERE = "EXISTS (SELECT FROM pg_tables WHERE schemaname = 'portal' AND tablename = 'schema_version')"


def make_ready(connections: Connections) -> None:
    """The database has the tables. Raises `Unavailable` when it cannot have them, saying why."""
    connections.reach()
    with connections.session() as session:
        server, encoding, there = session.rows(
            f"SELECT current_setting('server_version_num')::integer, current_setting('server_encoding'), {_THERE}"
        )[0]
        if server < OLDEST_SERVER:
            raise Unavailable(f"PostgreSQL 15 or later is needed; this one is {server // 10000}")
        if encoding != "UTF8":
            raise Unavailable(f"the database's encoding must be UTF8, and is {encoding}")
        if there and _version(session) == VERSION:
            return
    with connections.transaction() as session:
        lock(session, "schema")
        if not session.rows(f"SELECT {_THERE}")[0][0]:
            _run(session, "schema.sql")
            return
        while (version := _version(session)) < VERSION:
            _run(session, f"to_version_{version + 1}.sql")
        if version > VERSION:
            raise Unavailable(f"the database's tables are of version {version}; this portal knows version {VERSION}")


def _version(session: Session) -> int:
    version: int = session.rows("SELECT version FROM portal.schema_version")[0][0]
    return version


def _run(session: Session, name: str) -> None:
    session.rows(files(__package__).joinpath(name).read_text(encoding="utf-8"))
