"""Records: small things of the portal itself, by kind and key."""

import hashlib
import re
from collections.abc import Iterator, Sequence

import orjson

from portal.store.document_form import AS_JSON
from portal.store.errors import Conflict
from portal.store.port import Json
from portal.store.postgres.connections import Connections, Session
from portal.store.postgres.locks import lock, lock_shared, number_of
from portal.store.records import revision_in

_KIND = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
_LONGEST = 1000  # bytes of a key that stand in the index; it takes some 2,700
_AT_A_TIME = 500


class Records:
    """The records in `portal.records`. Inside a block of writing they are kept with it, or not at all."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def get(self, kind: str, key: str) -> Json | None:
        """As `Store.get_record`. Inside a block of writing nobody else can write it until the block ends."""
        _known(kind)
        name, _ = _name(key)
        with self._connections.session() as session:
            found = self._read(session, kind, name)
            if self._connections.is_in_transaction:
                # What is there is shared among its readers; what is not, only one may be about to make.
                if found is None:
                    lock(session, _lock_name(kind, key))
                else:
                    lock_shared(session, _lock_name(kind, key))
                found = self._read(session, kind, name)
        return found

    def several(self, places: Sequence[tuple[str, str]]) -> list[Json | None]:
        """As `Store.get_records`."""
        if self._connections.is_in_transaction or not places:
            return [self.get(kind, key) for kind, key in places]  # each with its lock
        values: list[str | bytes] = []
        for kind, key in places:
            _known(kind)
            values += [kind, _name(key)[0]]
        asked = " OR ".join(["(kind = %s AND name = %b)"] * len(places))
        with self._connections.session() as session:
            rows = session.rows(f"SELECT kind, name, body, revision FROM portal.records WHERE {asked}", values)  # noqa: S608 - our own text
        found = {(kind, bytes(name)): {**body, "revision": revision} for kind, name, body, revision in rows}
        return [found.get((kind, _name(key)[0])) for kind, key in places]

    def _read(self, session: Session, kind: str, name: bytes) -> Json | None:
        found = session.row("SELECT body, revision FROM portal.records WHERE kind = %s AND name = %b", [kind, name])
        return None if found is None else {**found[0], "revision": found[1]}

    def put(self, kind: str, key: str, value: Json, expected_revision: int | None = None) -> Json:
        """As `Store.put_record`."""
        _known(kind)
        name, whole = _name(key)
        text = orjson.dumps({**value, "revision": 0}, option=AS_JSON)
        kept: Json = orjson.loads(text)
        held = [number_of(_lock_name(kind, key))]
        statement, values = {
            None: (_PUT, [kind, name, whole, text.decode(), *held]),
            0: (_MAKE, [kind, name, whole, text.decode(), *held]),
        }.get(expected_revision, (_CHANGE, [text.decode(), *held, kind, name, expected_revision]))
        with self._connections.session() as session:
            written = session.row(statement, values)
            if written is None:
                found = self._read(session, kind, name)
                raise Conflict(f"{kind}/{key}", expected_revision or 0, found["revision"] if found else 0)
        return {**kept, "revision": written[0]}

    def restore(self, kind: str, key: str, value: Json) -> None:
        """As `Store.restore_record`."""
        _known(kind)
        name, whole = _name(key)
        revision = revision_in(value, f"{kind}/{key}")
        text = orjson.dumps(value, option=AS_JSON).decode()
        with self._connections.session() as session:
            session.rows(_RESTORE, [kind, name, whole, revision, text, number_of(_lock_name(kind, key))])

    def kinds(self) -> list[str]:
        """As `Store.record_kinds`."""
        with self._connections.session() as session:
            return [kind for (kind,) in session.rows("SELECT DISTINCT kind FROM portal.records ORDER BY kind")]

    def delete(self, kind: str, key: str) -> None:
        """As `Store.delete_record`."""
        _known(kind)
        with self._connections.session() as session:
            session.rows(_DELETE, [number_of(_lock_name(kind, key)), kind, _name(key)[0]])

    def all(self, kind: str) -> Iterator[tuple[str, Json]]:
        """As `Store.records`, in several questions, so that nothing is held between them."""
        _known(kind)
        last = b""
        while True:
            with self._connections.session() as session:
                rows = session.rows(_ALL, [kind, last, _AT_A_TIME])
            for _, key, body, revision in rows:
                yield bytes(key).decode(errors="surrogatepass"), {**body, "revision": revision}
            if len(rows) < _AT_A_TIME:
                return
            last = rows[-1][0]


def _known(kind: str) -> None:
    if not _KIND.fullmatch(kind):
        raise ValueError(f"{kind!r} cannot be a kind of records")


def _name(key: str) -> tuple[bytes, bytes]:
    """The key as the index knows it, and whole. Raises ValueError for no key."""
    if not key:
        raise ValueError("a record's key cannot be empty")
    whole = key.encode(errors="surrogatepass")
    return (whole if len(whole) <= _LONGEST else whole[:_LONGEST] + hashlib.sha256(whole).digest()), whole


def _lock_name(kind: str, key: str) -> str:
    return f"record {kind} {key}"


_PUT = (
    "INSERT INTO portal.records AS kept (kind, name, key, revision, body)"
    " SELECT %s, %b, %b, 1, %s::json FROM (SELECT pg_advisory_xact_lock(%s)) AS locked"
    " ON CONFLICT (kind, name) DO UPDATE SET revision = kept.revision + 1, body = excluded.body RETURNING revision"
)
_RESTORE = (
    "INSERT INTO portal.records (kind, name, key, revision, body)"
    " SELECT %s, %b, %b, %s, %s::json FROM (SELECT pg_advisory_xact_lock(%s)) AS locked"
    " ON CONFLICT (kind, name) DO UPDATE SET revision = excluded.revision, body = excluded.body"
)
_MAKE = (
    "INSERT INTO portal.records (kind, name, key, revision, body)"
    " SELECT %s, %b, %b, 1, %s::json FROM (SELECT pg_advisory_xact_lock(%s)) AS locked"
    " ON CONFLICT (kind, name) DO NOTHING RETURNING revision"
)
_CHANGE = (
    "UPDATE portal.records AS kept SET revision = kept.revision + 1, body = %s::json"
    " FROM (SELECT pg_advisory_xact_lock(%s)) AS locked"
    " WHERE kind = %s AND name = %b AND kept.revision = %s RETURNING kept.revision"
)
_DELETE = "DELETE FROM portal.records USING (SELECT pg_advisory_xact_lock(%s)) AS locked WHERE kind = %s AND name = %b"
_ALL = (
    "SELECT name, key, body, revision FROM portal.records WHERE kind = %s AND name > %b ORDER BY name LIMIT %s"
)  # fmt: skip
