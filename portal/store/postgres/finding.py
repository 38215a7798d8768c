"""Lists of documents: which match, how many there are, and one page of them."""

from collections.abc import Mapping, Sequence

from portal.store.port import Json, Page, Search
from portal.store.postgres.connections import Session, Statement
from portal.store.postgres.where import Where


def search(session: Session, search: Search, offset: int, limit: int) -> Page[Json]:
    """As `Store.search`."""
    if search.scopes == ():
        return Page([], offset, 0)
    where = _where(search)
    where.add("sound")
    # The ids first, from an index alone: documents before the page are not read.
    page: Statement = (
        "SELECT body FROM portal.documents JOIN (SELECT id FROM portal.documents"  # noqa: S608 - our own text
        f" WHERE {where} ORDER BY changed_at DESC, id DESC OFFSET %s LIMIT %s) AS page USING (id)"
        " ORDER BY changed_at DESC, id DESC",
        [*where.values, offset, limit],
    )
    rows, counted, *damaged = session.together([page, *_counting(search)])
    counts = _counts(counted, damaged)
    return Page([body for (body,) in rows], offset, sum(counts.values()))


def count_by_status(session: Session, search: Search) -> Mapping[str, int]:
    """As `Store.count_by_status`."""
    if search.scopes == ():
        return {}
    counted, *damaged = session.together(_counting(search))
    return _counts(counted, damaged)


def _counts(counted: Sequence[tuple[str, int]], damaged: Sequence[Sequence[tuple[str, int]]]) -> dict[str, int]:
    counts = dict(counted)
    for rows in damaged:
        for status, number in rows:
            counts[status] = counts.get(status, 0) - number
    return {status: number for status, number in counts.items() if number}


def _counting(search: Search) -> list[Statement]:
    """What counts by status; a second statement, where there is one, counts what is damaged among them."""
    where = _where(search)
    if not search.words and not any(scope.organization is not None for scope in search.scopes or ()):
        # `document_counts` has these columns too: the length of the longest list is a sum of a few numbers.
        return [
            (
                f"SELECT status, sum(number)::bigint FROM portal.document_counts WHERE {where} GROUP BY status",  # noqa: S608
                where.values,
            ),
            (
                f"SELECT status, count(*) FROM portal.documents WHERE NOT sound AND {where} GROUP BY status",  # noqa: S608
                where.values,
            ),
        ]
    return [
        (f"SELECT status, count(*) FROM portal.documents WHERE sound AND {where} GROUP BY status", where.values)  # noqa: S608
    ]


def _where(search: Search) -> Where:
    where = Where()
    if search.process is not None:
        where.add("process = %s", search.process)
    if search.lcsa is not None:
        where.add("lcsa = %s", search.lcsa)
    if len(search.statuses) == 1:
        where.add("status = %s", search.statuses[0])
    elif search.statuses:
        where.add("status = ANY(%s)", list(search.statuses))
    if search.scopes is not None:
        where.any_of(search.scopes)
    if search.words:
        found = Where()
        found.contains(search.words)
        where.add(f"id IN (SELECT document_id FROM portal.words WHERE {found})", *found.values)  # noqa: S608
    return where


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
