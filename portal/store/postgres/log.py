"""The access log in `portal.access_log`: each line hashed over the one before, kept by itself or with a
block of writing.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import islice

from portal.store.errors import Damaged
from portal.store.log_line import FIRST_PREVIOUS, canonical, numbered, words_of
from portal.store.port import Json, Page
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

    def lines(self) -> Iterator[Json]:
        """As `Store.log_lines`, in several questions, so that nothing is held between them."""
        last = 0
        while True:
            with self._connections.session() as session:
                rows = session.rows(_LINES, [last, _AT_A_TIME])
            for seq, text in rows:
                yield _line(seq, text)
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
    words = words_of(line).encode(errors="replace").decode().replace("\x00", " ")
    return _APPEND, [line["seq"], line["hash"], words, canonical(line).decode()]


def _line(seq: int, text: str) -> Json:
    line = json.loads(text)
    if not isinstance(line, dict) or line.get("seq") != seq or not isinstance(line.get("hash"), str):
        raise Damaged("access log", f"line {seq}", "cannot be read")
    return line


_TAIL = "SELECT seq, hash FROM portal.access_log ORDER BY seq DESC LIMIT 1"
_APPEND = "INSERT INTO portal.access_log (seq, hash, words, line) VALUES (%s, %s, %s, %s::json)"
_PAGE = "SELECT line::text FROM portal.access_log WHERE seq <= %s ORDER BY seq DESC LIMIT %s"
_LINES = "SELECT seq, line::text FROM portal.access_log WHERE seq > %s ORDER BY seq LIMIT %s"
