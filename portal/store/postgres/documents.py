"""Reading a document, and the block of writing: one transaction, in which what was read is locked."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import orjson

from portal.store.document_form import AS_JSON, is_document_id
from portal.store.document_row import Bucket, Row, row_of
from portal.store.errors import ClaimTaken, Conflict, Damaged, NotFound
from portal.store.port import Json
from portal.store.postgres.connections import Connections, Session, Statement
from portal.store.postgres.counts import CountChanges
from portal.store.postgres.locks import lock
from portal.store.postgres.log import appending
from portal.store.postgres.where import can_stand_in_text
from portal.store.records import revision_in

_NUMBERED = re.compile(r"(.+)-(\d{4})-(\d{4,})")
_NOT_AS_WRITTEN = (
    "it is not as the portal wrote it: its columns and its body differ, or it has no id, revision or history"
)


def get(session: Session, document_id: str, lock_row: bool = False) -> Json:
    """As `Store.get`; with `lock_row` nobody else can write it until the transaction ends."""
    if not is_document_id(document_id):
        raise NotFound("document", document_id)
    found = session.row(_GET_LOCKED if lock_row else _GET, [document_id])
    if found is None:
        raise NotFound("document", document_id)
    body, sound = found
    if not sound:
        raise Damaged("document", document_id, _NOT_AS_WRITTEN)
    document: Json = body
    return document


def held(session: Session, key: str, besides: str | None = None) -> int:
    """As `Store.held`."""
    if not can_stand_in_text(key):
        return 0
    amount: int = session.rows(_HELD, [key, key, besides])[0][0]
    return amount


def holder(session: Session, claim: str, value: str) -> str | None:
    """As `Store.holder`."""
    found = session.row(_HOLDER, [claim, value]) if can_stand_in_text(value) else None
    return None if found is None else str(found[0])


def all_ids(connections: Connections, at_a_time: int = 10_000) -> Iterator[str]:
    """As `Store.document_ids`, in several questions, so that nothing is held between them."""
    last = ""
    while True:
        with connections.session() as session:
            rows = session.rows(_IDS, [last, at_a_time])
        for (document_id,) in rows:
            yield document_id
        if len(rows) < at_a_time:
            return
        last = rows[-1][0]


def revisions(connections: Connections, at_a_time: int = 10_000) -> Iterator[tuple[str, int]]:
    """As `Store.revisions`, in several questions."""
    last = ""
    while True:
        with connections.session() as session:
            rows = session.rows(_REVISIONS, [last, at_a_time])
        yield from rows
        if len(rows) < at_a_time:
            return
        last = rows[-1][0]


def ids_given(session: Session) -> list[str]:
    """As `Store.ids_given`."""
    return sorted(f"{prefix}-{year:04d}-{last:04d}" for prefix, year, last in session.rows(_NUMBERS))


def restore_id_given(connections: Connections, document_id: str) -> None:
    """As `Store.restore_id_given`."""
    numbered = _NUMBERED.fullmatch(document_id)
    if not numbered:
        raise ValueError(f"{document_id!r} has no year and number")
    with connections.aside() as aside:
        aside.rows(_KNOW_NUMBER, [numbered[1], int(numbered[2]), int(numbered[3])])


def sums(session: Session, keys: Sequence[str]) -> dict[str, int]:
    """As `Store.sums`."""
    asked = [key for key in keys if can_stand_in_text(key)]
    found: dict[str, int] = dict(session.rows(_SUMS, [asked])) if asked else {}
    return {key: found.get(key, 0) for key in keys}


def damaged(session: Session) -> list[tuple[str, str]]:
    """(id, why) of every document that is not what it is found as. An index holds them: it costs nothing to ask."""
    return [(document_id, _NOT_AS_WRITTEN) for (document_id,) in session.rows(_DAMAGED)]


@contextmanager
def writing(connections: Connections) -> Iterator["DocumentsWriting"]:
    """As `Store.writing`."""
    with connections.transaction() as session:
        block = DocumentsWriting(connections, session)
        try:
            yield block
        finally:
            block.over = True
        # Last of all, since everybody who adds a line waits for whoever adds one.
        session.last += appending(session, block.lines) + block.counts.statements()


@dataclass(frozen=True, slots=True)
class _Kept:
    """A document as it is kept and locked: what the next version is compared with."""

    revision: int
    row: Row


class DocumentsWriting:
    """What can be done inside `writing()`; `portal.store.port.Writing`."""

    def __init__(self, connections: Connections, session: Session) -> None:
        self._connections, self._session = connections, session
        self._kept: dict[str, _Kept] = {}
        self._given: set[str] = set()
        self.counts = CountChanges()
        self.lines: list[Json] = []
        self.over = False

    def get(self, document_id: str) -> Json:
        """The document; nobody else can replace it until the block ends."""
        self._inside()
        document = get(self._session, document_id, lock_row=True)
        self._remember(document)
        return document

    def _remember(self, document: Json) -> None:
        try:
            self._kept[document["id"]] = _Kept(document["revision"], row_of(document))
        except ValueError as error:
            raise Damaged("document", document["id"], str(error)) from error

    def new_id(self, prefix: str, year: int) -> str:
        """The next id of this year, never given twice: kept at once, whatever becomes of the block."""
        self._inside()
        with self._connections.aside() as aside:
            number = aside.rows(_NEXT_NUMBER, [prefix, year])[0][0]
        document_id = f"{prefix}-{year:04d}-{number:04d}"
        self._given.add(document_id)
        return document_id

    def held(self, key: str, besides: str | None = None) -> int:
        """The sum of `holdings[key]` over all documents besides this one. Nobody else can add to it until the end."""
        self._inside()
        if can_stand_in_text(key):
            lock(self._session, f"held {key}")
        return held(self._session, key, besides)

    def holder(self, claim: str, value: str) -> str | None:
        """The id of the document that holds the claim, or None. Nobody else can take it until the block ends."""
        self._inside()
        if can_stand_in_text(value):
            lock(self._session, f"claim {claim} {value}")
        return holder(self._session, claim, value)

    def add(self, document: Json) -> Json:
        """Keeps a new document. Raises `ClaimTaken`, `Conflict`, `Unavailable`; ValueError for an id that is none."""
        self._inside()
        document_id = document["id"]
        if not is_document_id(document_id):
            raise ValueError(f"{document_id!r} cannot be a document's id")
        return self._add(document, 1)

    def restore(self, document: Json) -> None:
        """As `Store.restore_document`."""
        self._inside()
        document_id = document["id"]
        if not is_document_id(document_id):
            raise ValueError(f"{document_id!r} cannot be a document's id")
        revision = revision_in(document, document_id)
        self._forget(document_id)
        self._add(document, revision)

    def _forget(self, document_id: str) -> None:
        """The document is no more, nor what is kept beside it; what it held is taken from what really is there."""
        found = self._session.row(_BUCKET_LOCKED, [document_id])
        if found is None:
            return
        *bucket, sound = found
        keys = [key for (key,) in self._session.rows(_HELD_KEYS, [document_id])]
        lock(self._session, *(f"held {key}" for key in keys))
        for role, lcsa, waiting, opens_on in self._session.rows(_DROP_TASKS, [document_id]):
            self.counts.task(role, lcsa, waiting, opens_on, -1)
        self.counts.document(Bucket(*bucket), -1)
        if not sound:  # it may have been counted as something else than what it says now
            self.counts.count_anew()
        self._session.together([(_LET_GO, [document_id]), (_FORGET, [document_id])])

    def _add(self, document: Json, revision: int) -> Json:
        text, kept, row = _form(document, revision)
        self._take_claims(row, None)
        if not self._session.rows(_ADD, _columns(row, text, revision)):
            raise Conflict(row.document_id, 0, self._revision(row.document_id))
        self._know(row.document_id)
        self._write_beside(row, None)
        self._kept[row.document_id] = _Kept(revision, row)
        return kept

    def replace(self, document: Json, expected_revision: int) -> Json:
        """Keeps the document's next revision. Raises `Conflict`, `ClaimTaken`, `NotFound`, `Damaged`, `Unavailable`."""
        self._inside()
        document_id = document["id"]
        if document_id not in self._kept:
            self.get(document_id)
        before = self._kept[document_id]
        if before.revision != expected_revision:
            raise Conflict(document_id, expected_revision, before.revision)
        revision = before.revision + 1
        text, kept, row = _form(document, revision)
        self._take_claims(row, before.row)
        values = [*_columns(row, text, revision)[1:], document_id, expected_revision]
        self._write_beside(row, before.row, (_REPLACE, values))
        self._kept[document_id] = _Kept(revision, row)
        return kept

    def _revision(self, document_id: str) -> int:
        """The kept revision; -1 of a damaged document."""
        try:
            revision: int = get(self._session, document_id)["revision"]
        except Damaged:
            return -1
        return revision

    def _know(self, document_id: str) -> None:
        """Numbers go on after this one, though it was not we who gave it."""
        if _NUMBERED.fullmatch(document_id) and document_id not in self._given:
            # Aside, as when numbers are given: a row locked here would keep `new_id` waiting for ourselves.
            restore_id_given(self._connections, document_id)

    def _take_claims(self, row: Row, before: Row | None) -> None:
        """Locks the claims and holdings that change. Raises `ClaimTaken`."""
        new = [claim for claim in row.claims if before is None or claim not in before.claims]
        old = [claim for claim in before.claims if claim not in row.claims] if before else []
        changed = _changes(row, before)
        names = [f"claim {claim} {value}" for claim, value in (*new, *old)] + [f"held {key}" for key in changed]
        if names:
            lock(self._session, *names)
        for claim, value in new:
            taken_by = holder(self._session, claim, value)
            if taken_by not in (None, row.document_id):
                raise ClaimTaken(claim, str(taken_by))

    def _write_beside(self, row: Row, before: Row | None, *first: Statement) -> None:
        """Writes what is kept beside the document, where it changes: tasks, claims, holdings and numbers."""
        statements = list(first)
        if before is None or row.bucket != before.bucket:
            self.counts.document(row.bucket, 1)
            if before:
                self.counts.document(before.bucket, -1)
            statements.append((_WORDS, [row.document_id, *row.bucket, _words(row)]))
        if before is None or row.claims != before.claims:
            if before:
                statements.append((_DROP_CLAIMS, [row.document_id]))
            if row.claims:
                columns = [list(column) for column in zip(*row.claims, strict=True)]
                statements.append((_CLAIM, [row.document_id, *columns]))
        if changed := _changes(row, before):
            statements.append((_HOLD, [list(changed), list(changed.values())]))
            statements.append((_DROP_HOLDINGS, [row.document_id]))
            statements.append((_HOLDINGS, [row.document_id, list(row.holdings), list(row.holdings.values())]))
        tasks_at = -1
        if before is None or row.tasks != before.tasks or row.bucket[1:3] != before.bucket[1:3]:
            tasks_at = len(statements)
            statements += _tasks(row)
            self.counts.tasks(row.bucket.lcsa, row.tasks)
        results = self._session.together(statements) if statements else []
        if tasks_at >= 0:
            # Counted from what really was there.
            for role, lcsa, waiting, opens_on in results[tasks_at]:
                self.counts.task(role, lcsa, waiting, opens_on, -1)

    def append_log(self, line: Json) -> None:
        """Adds a line to the access log with this block: both are kept, or neither."""
        self._inside()
        self.lines.append(line)

    def _inside(self) -> None:
        if self.over:
            raise RuntimeError("the block of writing is over")


def _form(document: Json, revision: int) -> tuple[str, Json, Row]:
    """The document at this revision: as text, as a copy, and what it is found by. Raises TypeError, ValueError."""
    content = orjson.dumps({**document, "revision": revision}, option=AS_JSON)
    kept: Json = orjson.loads(content)
    row = row_of(kept)
    if not all(map(can_stand_in_text, _texts(row))):
        raise ValueError("what a document is found by cannot hold the character NUL")
    return content.decode(), kept, row


def _texts(row: Row) -> Iterator[str]:
    yield from (*row.bucket, row.changed, *row.holdings)
    yield from (text for claim in row.claims for text in claim)
    yield from (text for task in row.tasks for text in (task.goal_on, task.since, task.role, task.step, task.opens_on))


def _columns(row: Row, text: str, revision: int) -> list[object]:
    sealed = "\n".join((row.document_id, str(revision), *row.bucket, row.changed, text))
    seal = hashlib.sha256(sealed.encode()).digest()
    return [row.document_id, revision, *row.bucket, row.changed, row.owed_since, text, seal]


def _words(row: Row) -> str:
    """What is searched for words."""
    return "\n".join((row.document_id, row.bucket.lcsa, row.bucket.organization)).casefold()


def _changes(row: Row, before: Row | None) -> dict[str, int]:
    """By how much the document's holdings change."""
    old = before.holdings if before else {}
    keys = sorted({*row.holdings, *old})
    changes = {key: row.holdings.get(key, 0) - old.get(key, 0) for key in keys}
    return {key: change for key, change in changes.items() if change}


def _tasks(row: Row) -> list[Statement]:
    """What replaces the document's open tasks. The first returns those that were there."""
    statements: list[Statement] = [(_DROP_TASKS, [row.document_id])]
    if row.tasks:
        columns = zip(
            *(
                (task.number, task.role, task.step, task.waiting, task.opens_on, task.goal_on, task.since)
                for task in row.tasks
            ),
            strict=True,
        )
        texts = [task.as_json.decode() for task in row.tasks]
        scope = [row.document_id, row.bucket.lcsa, row.bucket.organization]
        statements.append((_TASKS, [*scope, *(list(column) for column in columns), texts]))
    return statements


_GET = "SELECT body, sound FROM portal.documents WHERE id = %s"
_GET_LOCKED = f"{_GET} FOR UPDATE"
_IDS = "SELECT id FROM portal.documents WHERE id > %s ORDER BY id LIMIT %s"
_REVISIONS = "SELECT id, revision FROM portal.documents WHERE id > %s AND sound ORDER BY id LIMIT %s"
_NUMBERS = "SELECT prefix, year, last FROM portal.numbers"
_BUCKET_LOCKED = "SELECT process, lcsa, organization, status, sound FROM portal.documents WHERE id = %s FOR UPDATE"
_HELD_KEYS = "SELECT key FROM portal.holdings WHERE document_id = %s"
_LET_GO = (
    "UPDATE portal.held SET amount = held.amount - holdings.amount FROM portal.holdings"
    " WHERE holdings.document_id = %s AND held.key = holdings.key"
)
_FORGET = "DELETE FROM portal.documents WHERE id = %s"
_DAMAGED = "SELECT id FROM portal.documents WHERE NOT sound ORDER BY id"
_ADD = (
    "INSERT INTO portal.documents"
    " (id, revision, process, lcsa, organization, status, changed_at, owed_since, body, seal)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s::json, %b) ON CONFLICT (id) DO NOTHING RETURNING revision"
)
_REPLACE = (
    "UPDATE portal.documents SET revision = %s, process = %s, lcsa = %s, organization = %s, status = %s,"
    " changed_at = %s, owed_since = %s, body = %s::json, seal = %b WHERE id = %s AND revision = %s"
)
_DROP_TASKS = "DELETE FROM portal.tasks WHERE document_id = %s RETURNING role, lcsa, waiting, opens_on"
_TASKS = (
    "INSERT INTO portal.tasks (document_id, lcsa, organization, number, role, step, waiting, opens_on, goal_on, since,"
    " task) SELECT %s, %s, %s, * FROM unnest(%s::integer[], %s::text[], %s::text[], %s::boolean[], %s::text[],"
    " %s::text[], %s::text[], %s::json[])"
)
_WORDS = (
    "INSERT INTO portal.words (document_id, process, lcsa, organization, status, words) VALUES (%s, %s, %s, %s, %s, %s)"
    " ON CONFLICT (document_id) DO UPDATE SET process = excluded.process, lcsa = excluded.lcsa,"
    " organization = excluded.organization, status = excluded.status, words = excluded.words"
)
_DROP_CLAIMS = "DELETE FROM portal.claims WHERE document_id = %s"
_CLAIM = (
    "INSERT INTO portal.claims (document_id, claim, value)"
    " SELECT %s, * FROM unnest(%s::text[], %s::text[])"
)  # fmt: skip
_HOLDER = "SELECT document_id FROM portal.claims WHERE claim = %s AND value = %s"
_HELD = (
    "SELECT (coalesce((SELECT amount FROM portal.held WHERE key = %s), 0)"
    " - coalesce((SELECT amount FROM portal.holdings WHERE key = %s AND document_id = %s), 0))::bigint"
)
_SUMS = "SELECT key, amount FROM portal.held WHERE key = ANY(%s::text[])"
_HOLD = (
    "INSERT INTO portal.held AS kept (key, amount) SELECT * FROM unnest(%s::text[], %s::bigint[])"
    " ON CONFLICT (key) DO UPDATE SET amount = kept.amount + excluded.amount"
)
_DROP_HOLDINGS = "DELETE FROM portal.holdings WHERE document_id = %s"
_HOLDINGS = "INSERT INTO portal.holdings (document_id, key, amount) SELECT %s, * FROM unnest(%s::text[], %s::bigint[])"
_NEXT_NUMBER = (
    "INSERT INTO portal.numbers AS kept (prefix, year, last) VALUES (%s, %s, 1)"
    " ON CONFLICT (prefix, year) DO UPDATE SET last = kept.last + 1 RETURNING last"
)
_KNOW_NUMBER = (
    "INSERT INTO portal.numbers AS kept (prefix, year, last) VALUES (%s, %s, %s)"
    " ON CONFLICT (prefix, year) DO UPDATE SET last = excluded.last WHERE kept.last < excluded.last"
)
