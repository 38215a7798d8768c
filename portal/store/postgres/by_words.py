"""Documents that are found by words, the last changed first: which way is short depends on how many there are.

No way is longer in a longer list: few are found by the index of words, and put in order; many are met soon by whoever
walks down the list. How many there are is not counted to the end.
"""

from collections.abc import Sequence

from portal.store.port import COUNTED, Page, Search
from portal.store.postgres.connections import Row, Session
from portal.store.postgres.where import Where, matching

SHORT = 1000
"""A list of so many documents is walked down whole."""

_WALKED, _WALKED_BY_ROW = 5000, 20
"""So much of a long list is walked down, and so much more for each row further down that a page begins."""

_ORDER = "changed_at DESC, id DESC"
_SMALL = r"lower(id || E'\n' || lcsa || E'\n' || organization)"
"""What `portal.words` has in small letters. These columns stand in the indexes of lists: no row is read for them."""


def found_by_words(session: Session, search: Search, length: int, offset: int, limit: int, what: str) -> Page[Row]:
    """One page, of each document `what` is to be read of it. `length`: how many match but for the words."""
    if length <= SHORT:
        ids = _walk(session, search, length, length)
        return Page(_read(session, ids[offset : offset + limit], what), offset, len(ids))
    bound = offset + limit + COUNTED
    ids = _with_words(session, search, bound + 1)
    if len(ids) <= bound:
        (((total,),), rows) = session.together(
            [
                ("SELECT count(*) FROM portal.documents WHERE id = ANY(%s) AND sound", [ids]),
                (f"{_OF_THESE.format(what)} OFFSET %s LIMIT %s", [ids, offset, limit]),
            ]
        )
        return Page(rows, offset, total)
    met = _walk(session, search, _WALKED + _WALKED_BY_ROW * offset, offset + limit)
    if len(met) < offset + limit:
        every = _with_words(session, search, length)
        rows = session.rows(f"{_OF_THESE.format(what)} OFFSET %s LIMIT %s", [every, offset, limit])
    else:
        rows = _read(session, met[offset:], what)
    return Page(rows, offset, bound, more=True)


def _with_words(session: Session, search: Search, limit: int) -> list[str]:
    """The ids of so many documents, in no order."""
    where = matching(search)
    where.contains(search.words)
    query = f"SELECT document_id FROM portal.words WHERE {where} LIMIT %s"  # noqa: S608 - our own text
    found = session.rows_planned_anew(query, [*where.values, limit])
    return [document_id for (document_id,) in found]


def _walk(session: Session, search: Search, steps: int, limit: int) -> list[str]:
    """The ids of so many documents that are met in so many steps down the list, in its order.

    Each is asked for the words by what stands in the list's index; where that is not plain ASCII, PostgreSQL's small
    letters are not Python's, and `portal.words` is asked.
    """
    where = matching(search)
    plain, folded = Where(), Where()
    plain.contains(search.words, "small")
    folded.contains(search.words)
    found = session.rows_planned_anew(
        f"SELECT id FROM (SELECT id, changed_at, {_SMALL} AS small FROM portal.documents WHERE {where} AND sound"  # noqa: S608
        f" ORDER BY {_ORDER} LIMIT %s) AS list"
        f" WHERE CASE WHEN octet_length(small) = length(small) THEN {plain}"
        f" ELSE (SELECT {folded} FROM portal.words WHERE document_id = list.id) END"
        f" ORDER BY {_ORDER} LIMIT %s",
        [*where.values, steps, *plain.values, *folded.values, limit],
    )
    return [document_id for (document_id,) in found]


def _read(session: Session, ids: Sequence[str], what: str) -> list[Row]:
    return session.rows(_OF_THESE.format(what), [list(ids)]) if ids else []


_OF_THESE = "SELECT {} FROM portal.documents WHERE id = ANY(%s) AND sound ORDER BY changed_at DESC, id DESC"
