"""Lists of documents: which match, how many there are, and one page of them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from portal.store.port import Json, Listed, Page, Search
from portal.store.postgres.by_words import found_by_words
from portal.store.postgres.connections import Connections, Row, Session, Statement
from portal.store.postgres.where import Where, matching

DEEP = 1000
"""From this offset on it is worth asking first how long the list is: its second half is read from the end."""

_AT_A_TIME = 100
"""Documents that are read together when all are."""

_BODY = "body"
_LISTED = (
    "id, process, lcsa, organization, status, changed_at,"
    " ARRAY(SELECT ARRAY[role, opens_on] FROM portal.tasks WHERE document_id = id ORDER BY number)"
)
"""What of each document is read for a page."""

_BODIES = "SELECT id, body FROM portal.documents WHERE id = ANY(%s) AND sound"
_BY_NAME = "lcsa, organization, id"


def search(session: Session, search: Search, offset: int, limit: int) -> Page[Json]:
    """As `Store.search`."""
    page = _found(session, search, offset, limit, _BODY)
    return Page([body for (body,) in page.rows], page.offset, page.total, page.more)


def listed(session: Session, search: Search, offset: int, limit: int) -> Page[Listed]:
    """As `Store.listed`."""
    page = _found(session, search, offset, limit, _LISTED)
    rows = [
        Listed(document_id, process, lcsa, organization, status, changed_at, tuple((role, on) for role, on in tasks))
        for document_id, process, lcsa, organization, status, changed_at, tasks in page.rows
    ]
    return Page(rows, page.offset, page.total, page.more)


def _found(session: Session, search: Search, offset: int, limit: int, what: str) -> Page[Row]:
    """One page, of each document `what` is to be read of it."""
    if search.scopes == ():
        return Page([], offset, 0)
    if search.words:
        length = _total(session.together(_totalling(replace(search, words=()))))
        return found_by_words(session, search, length, offset, limit, what)
    if offset >= DEEP and not search.by_name:
        total = _total(session.together(_totalling(search)))
        (rows,) = session.together([_page(search, offset, limit, what, total)])
        return Page(rows, offset, total)
    rows, *numbers = session.together([_page(search, offset, limit, what), *_totalling(search)])
    return Page(rows, offset, _total(numbers))


def every(connections: Connections, search: Search) -> Iterator[Json]:
    """As `Store.every`."""
    if search.scopes == ():
        return iter(())
    order = _BY_NAME if search.by_name else "changed_at DESC, id DESC"
    where = matching(search)
    _add_words(where, search)
    with connections.session() as session:
        found = session.rows(
            f"SELECT id FROM portal.documents WHERE {where} AND sound ORDER BY {order}",  # noqa: S608 - our own text
            where.values,
        )
    return _bodies(connections, [document_id for (document_id,) in found])


def _bodies(connections: Connections, ids: Sequence[str]) -> Iterator[Json]:
    for first in range(0, len(ids), _AT_A_TIME):
        some = ids[first : first + _AT_A_TIME]
        with connections.session() as session:
            bodies: dict[str, Json] = dict(session.rows(_BODIES, [some]))
        yield from (bodies[document_id] for document_id in some if document_id in bodies)


def _page(search: Search, offset: int, limit: int, what: str, total: int = 0) -> Statement:
    """What reads a page: the ids first, from an index alone; documents before it are not read."""
    where = matching(search)
    where.add("sound")
    order = shown = _BY_NAME if search.by_name else "changed_at DESC, id DESC"
    if offset > total / 2 > 0:
        order = "changed_at, id"
        limit = max(0, min(limit, total - offset))
        offset = total - offset - limit
    return (
        f"SELECT {what} FROM portal.documents JOIN (SELECT id FROM portal.documents"  # noqa: S608 - our own text
        f" WHERE {where} ORDER BY {order} OFFSET %s LIMIT %s) AS page USING (id) ORDER BY {shown}",
        [*where.values, max(0, offset), limit],
    )


def count_by_lcsa(session: Session, search: Search) -> Mapping[str, int]:
    """As `Store.count_by_lcsa`."""
    if search.scopes == ():
        return {}
    counted, *damaged = session.together(_counting(replace(search, words=()), by="lcsa"))
    return _counts(counted, damaged)


def count_by_status(session: Session, search: Search) -> Mapping[str, int]:
    """As `Store.count_by_status`."""
    if search.scopes == ():
        return {}
    counted, *damaged = session.together(_counting(search))
    return _counts(counted, damaged)


def _counts(counted: Sequence[Row], damaged: Sequence[Sequence[Row]]) -> Mapping[str, int]:
    counts: Counter[str] = Counter(dict(counted))
    for rows in damaged:
        counts.subtract(dict(rows))
    return {name: number for name, number in counts.items() if number}


def _total(numbers: Sequence[Sequence[tuple[int]]]) -> int:
    """The first number less the others: all, less what is damaged."""
    all_of_them, *damaged = (number for ((number,),) in numbers)
    return all_of_them - sum(damaged)


def _totalling(search: Search) -> list[Statement]:
    """What counts a whole list without words; the second statement counts what is damaged in it."""
    counting, *counting_damaged = _counting(search)
    return [
        (f"SELECT coalesce(sum(number), 0)::bigint FROM ({statement}) AS counted", values)  # noqa: S608
        for statement, values in (counting, *counting_damaged)
    ]


def _counting(search: Search, by: str = "status") -> list[Statement]:
    """What counts by status, or by LCSA; a second statement, where there is one, counts what is damaged among them."""
    where = matching(search)
    counted = f"SELECT {by}, count(*) AS number FROM portal.documents"  # noqa: S608 - our own text
    _add_words(where, search)
    if not search.words and not any(scope.organization is not None for scope in search.scopes or ()):
        # `document_counts` has these columns too: the length of the longest list is a sum of a few numbers.
        kept = f"SELECT {by}, sum(number)::bigint AS number FROM portal.document_counts"  # noqa: S608
        return [
            (f"{kept} WHERE {where} GROUP BY {by}", where.values),
            (f"{counted} WHERE NOT sound AND {where} GROUP BY {by}", where.values),
        ]
    return [(f"{counted} WHERE sound AND {where} GROUP BY {by}", where.values)]


def _add_words(where: Where, search: Search) -> None:
    if search.words:
        found = Where()
        found.contains(search.words)
        where.add(f"id IN (SELECT document_id FROM portal.words WHERE {found})", *found.values)  # noqa: S608 - our text


def with_notices_owed(session: Session, limit: int) -> list[str]:
    """As `Store.with_notices_owed`."""
    rows = session.rows(
        "SELECT id FROM portal.documents WHERE owed_since IS NOT NULL AND sound ORDER BY owed_since, id LIMIT %s",
        [limit],
    )
    return [document_id for (document_id,) in rows]


def with_task_due(session: Session, step: str, on: str, limit: int) -> list[str]:
    """As `Store.with_task_due`."""
    rows = session.rows(
        "SELECT document_id FROM portal.tasks WHERE step = %s AND opens_on > '' AND opens_on <= %s"
        " GROUP BY document_id ORDER BY min(opens_on), document_id LIMIT %s",
        [step, on, limit],
    )
    return [document_id for (document_id,) in rows]
