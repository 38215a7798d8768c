"""The access log in `portal.access_log`: each line hashed over the one before, kept by itself or with a
block of writing.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import islice

from portal.store.errors import Damaged
from portal.store.log_line import FIRST_PREVIOUS, canonical, numbered, words_of
from portal.store.port import LOG_KEYS, Json, LogSearch, Page
from portal.store.postgres.connections import Connections, Session, Statement
from portal.store.postgres.locks import number_of
from portal.store.postgres.where import Where

_AT_A_TIME = 1000
_LOCK = number_of("access log")


class Log:
    """The log. A line that is added here is kept whatever becomes of a block of writing around it: it tells what was
    tried.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def append(self, line: Json) -> Json:
        """As `Store.append_log`."""
        with self._connections.aside() as session:
            seq, previous = _tail(session)
            kept = numbered(line, seq + 1, previous)
            session.last.append(_appending(kept))
        return kept

    def restore(self, lines: Iterable[Json]) -> None:
        """As `Store.restore_log_lines`."""
        every = iter(lines)
        while some := list(islice(every, _AT_A_TIME)):
            with self._connections.aside() as session:
                seq, _ = _tail(session)
                for line in some:
                    if type(line.get("seq")) is not int or line["seq"] <= seq or not isinstance(line.get("hash"), str):
                        raise ValueError(f"line {line.get('seq')} cannot follow line {seq}")
                    seq = line["seq"]
                session.together([_appending(line) for line in some])

    def page(self, offset: int, limit: int, words: tuple[str, ...]) -> Page[Json]:
        """As `Store.log`."""
        with self._connections.session() as session:
            if not words:
                (newest,) = session.rows("SELECT coalesce(max(seq), 0) FROM portal.access_log")[0]
                rows = session.rows(_PAGE, [newest - offset, limit])
                return Page([json.loads(line) for (line,) in rows], offset, newest)
            where = Where()
            where.contains(words)
            count, page = session.together(
                [
                    (f"SELECT count(*) FROM portal.access_log WHERE {where}", where.values),  # noqa: S608 - our own text
                    (
                        f"SELECT line::text FROM portal.access_log WHERE {where} ORDER BY seq DESC OFFSET %s LIMIT %s",  # noqa: S608
                        [*where.values, offset, limit],
                    ),
                ]
            )
            return Page([json.loads(line) for (line,) in page], offset, count[0][0])

    def found(self, search: LogSearch, before: int | None, limit: int) -> list[Json]:
        """As `Store.log_found`."""
        where = Where()
        where.contains(search.words)
        for key, value in search.values.items():
            if key not in LOG_KEYS:
                raise ValueError(f"lines are not found by {key!r}")
            where.add(f"{key} = %s", value)
        if search.since:
            where.add("at >= %s", search.since)
        if search.until:
            where.add("at < %s", search.until)
        if before is not None:
            where.add("seq < %s", before)
        query = f"SELECT line::text FROM portal.access_log WHERE {where} ORDER BY seq DESC LIMIT %s"  # noqa: S608
        with self._connections.session() as session:
            return [json.loads(line) for (line,) in session.rows(query, [*where.values, limit])]

    def lines(self, after: int = 0) -> Iterator[Json]:
        """As `Store.log_lines`, in several questions, so that nothing is held between them."""
        last = after
        while True:
            with self._connections.session() as session:
                rows = session.rows(_LINES, [last, _AT_A_TIME])
            for seq, kept_hash, text, *found_by in rows:
                yield _line(seq, kept_hash, text, tuple(found_by))
                last = seq
            if len(rows) < _AT_A_TIME:
                return


def appending(session: Session, lines: Iterable[Json]) -> list[Statement]:
    """What adds these lines at the end of the session's transaction. Nobody else adds one until that has ended."""
    lines = list(lines)
    if not lines:
        return []
    seq, previous = _tail(session)
    statements = []
    for line in lines:
        kept = numbered(line, seq + 1, previous)
        seq, previous = kept["seq"], kept["hash"]
        statements.append(_appending(kept))
    return statements


def _tail(session: Session) -> tuple[int, str]:
    """The number and the hash of the last line, after which nobody else adds one until the transaction ends."""
    # Two statements, so that the second sees what the one before us has kept.
    tail = session.together([("SELECT pg_advisory_xact_lock(%s)", [_LOCK]), (_TAIL, [])])[1]
    return (tail[0][0], tail[0][1]) if tail else (0, FIRST_PREVIOUS)


def _appending(line: Json) -> Statement:
    return _APPEND, [line["seq"], line["hash"], canonical(line).decode(), *_found_by(line)]


def _found_by(line: Json) -> tuple[str, ...]:
    """What the columns beside the line hold: its words, its time, and the values by which it is found."""
    values = (line.get(key) for key in ("at", *LOG_KEYS))
    return (_words_kept(line), *(value.replace("\x00", " ") if isinstance(value, str) else "" for value in values))


def _words_kept(line: Json) -> str:
    """What is searched for words; PostgreSQL takes no NUL."""
    return words_of(line).encode(errors="replace").decode().replace("\x00", " ")


def _line(seq: int, kept_hash: str, text: str, found_by: tuple[str, ...]) -> Json:
    line = json.loads(text)
    if not isinstance(line, dict) or line.get("seq") != seq or not isinstance(line.get("hash"), str):
        raise Damaged("access log", f"line {seq}", "cannot be read")
    if line["hash"] != kept_hash or _found_by(line) != found_by or canonical(line).decode() != text:
        raise Damaged("access log", f"line {seq}", "is not as it was written: its columns differ")
    return line


_TAIL = "SELECT seq, hash FROM portal.access_log ORDER BY seq DESC LIMIT 1"
_COLUMNS = f"words, at, {', '.join(LOG_KEYS)}"
_APPEND = (
    f"INSERT INTO portal.access_log (seq, hash, line, {_COLUMNS})"  # noqa: S608 - our own text
    f" VALUES (%s, %s, %s::json{', %s' * (2 + len(LOG_KEYS))})"
)
_PAGE = "SELECT line::text FROM portal.access_log WHERE seq <= %s ORDER BY seq DESC LIMIT %s"
_LINES = f"SELECT seq, hash, line::text, {_COLUMNS} FROM portal.access_log WHERE seq > %s ORDER BY seq LIMIT %s"  # noqa: S608
