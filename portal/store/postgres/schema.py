"""The tables, made at first use by whoever comes first."""

from importlib.resources import files

from portal.store.errors import Unavailable
from portal.store.postgres.connections import Connections, Session
from portal.store.postgres.locks import lock

VERSION = 1
"""The tables' version; `portal.schema_version` holds that of the database."""

OLDEST_SERVER = 150000


def make_ready(connections: Connections) -> None:
    """The database has the tables. Raises `Unavailable` when it cannot have them, saying why."""
    with connections.session() as session:
        server, encoding, there = session.rows(
            "SELECT current_setting('server_version_num')::integer, current_setting('server_encoding'),"
            " to_regclass('portal.schema_version') IS NOT NULL"
        )[0]
        if server < OLDEST_SERVER:
            raise Unavailable(f"PostgreSQL 15 or later is needed; this one is {server // 10000}")
        if encoding != "UTF8":
            raise Unavailable(f"the database's encoding must be UTF8, and is {encoding}")
        if there:
            _is_ours(session)
            return
    with connections.transaction() as session:
        lock(session, "schema")
        if session.rows("SELECT to_regclass('portal.schema_version') IS NOT NULL")[0][0]:
            _is_ours(session)
        else:
            session.rows(files(__package__).joinpath("schema.sql").read_text(encoding="utf-8"))


def _is_ours(session: Session) -> None:
    version = session.rows("SELECT version FROM portal.schema_version")[0][0]
    if version != VERSION:
        raise Unavailable(f"the database's tables are of version {version}; this portal knows version {VERSION}")
