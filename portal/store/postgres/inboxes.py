"""Inboxes: the open tasks of some scopes, in the order in which they are to be taken, and how many there are. And the
tasks of everybody by a date.

A page is read from the front of an index in the order of inboxes. Tasks that open on a date have such an index of their
own, in which those whose day is still to come are passed over; and where few opened yet, they are found by that date.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from portal.store.port import COUNTED, Page, Scope, TaskDate, TaskRow, TaskSearch
from portal.store.postgres.connections import Connections, Row, Session, Statement
from portal.store.postgres.where import Where

_AT_A_TIME = 500

# As the indexes `tasks_begun` and `tasks_goal` have them.
_DATES = {TaskDate.BEGAN: "greatest(opens_on, left(since, 10))", TaskDate.GOAL: "goal_on"}
_HAS = {TaskDate.BEGAN: "true", TaskDate.GOAL: "goal_on < '~'"}

_ORDER = "goal_on, since, document_id, number"
"""The order of inboxes."""

_FEW = 5000
"""The tasks of so many documents that words find are put in order."""

_WALKED = 5000
"""So many tasks at the head of an inbox are asked for words that more documents have."""

_AT_ONCE, _DATED = "opens_on = ''", "opens_on > '' AND opens_on <= %s"


def tasks(
    session: Session, scopes: Sequence[Scope], on: str, waiting: bool, offset: int, limit: int, search: TaskSearch
) -> Page[TaskRow]:
    """As `Store.tasks`."""
    scopes = without_covered(scopes)
    if not scopes:
        return Page([], offset, 0)
    if search.words:
        return _with_words(session, scopes, on, waiting, offset, limit, search)
    if search.step:
        return _of_step(session, scopes, on, waiting, offset, limit, search.step)
    at_once, dated = _counting(scopes, on, waiting)
    page, *found = session.together([_page(scopes, on, waiting, offset, limit), *at_once, *dated])
    counts = [count for ((count,),) in found]
    more = any(count > COUNTED for count in counts[len(at_once) :])
    total = sum(counts[: len(at_once)]) + sum(min(count, COUNTED) for count in counts[len(at_once) :])
    return Page([TaskRow(*row) for row in page], offset, total, more)


def _of_step(
    session: Session, scopes: Sequence[Scope], on: str, waiting: bool, offset: int, limit: int, step: str
) -> Page[TaskRow]:
    """Of one step's tasks: they are counted no further than `COUNTED` beyond the page."""
    bound = offset + limit + COUNTED
    heads, values = _heads(scopes, on, waiting, bound + 1, step)
    counting = f"SELECT count(*) FROM (SELECT FROM ({heads}) AS heads LIMIT %s) AS found"  # noqa: S608 - our own text
    page, ((count,),) = session.together(
        [_page(scopes, on, waiting, offset, limit, step), (counting, [*values, bound + 1])]
    )
    return Page([TaskRow(*row) for row in page], offset, min(count, bound), more=count > bound)


def _with_words(
    session: Session, scopes: Sequence[Scope], on: str, waiting: bool, offset: int, limit: int, search: TaskSearch
) -> Page[TaskRow]:
    """Of few documents that have the words, their tasks are put in order. Of many, those at the head of the inbox."""
    where = Where()
    where.any_of(scopes)
    where.contains(search.words)
    some = f"SELECT document_id FROM portal.words WHERE {where} LIMIT {_FEW + 1}"  # noqa: S608 - our own text
    ids = [document_id for (document_id,) in session.rows_planned_anew(some, where.values)]
    bound = offset + limit + COUNTED
    if len(ids) <= _FEW:
        found = _all_of(session, scopes, on, waiting, search.step, "document_id = ANY(%s)", [ids])
        return Page(_read(session, found[offset : offset + limit]), offset, len(found))
    heads, values = _heads(scopes, on, waiting, _WALKED, search.step)
    met = session.rows_planned_anew(
        f"SELECT document_id, number FROM (SELECT * FROM ({heads}) AS heads ORDER BY {_ORDER} LIMIT %s) AS walked"  # noqa: S608
        f" JOIN portal.words USING (document_id) WHERE {where} ORDER BY {_ORDER} LIMIT %s",
        [*values, _WALKED, *where.values, bound + 1],
    )
    if len(met) > bound:
        return Page(_read(session, met[offset : offset + limit]), offset, bound, more=True)
    among = f"document_id IN (SELECT document_id FROM portal.words WHERE {where})"  # noqa: S608
    found = _all_of(session, scopes, on, waiting, search.step, among, where.values)
    return Page(_read(session, found[offset : offset + limit]), offset, len(found))


def _all_of(
    session: Session,
    scopes: Sequence[Scope],
    on: str,
    waiting: bool,
    step: str,
    among: str,
    values: Sequence[object],
) -> list[Row]:
    """Document and number of every task among some documents, in the order of inboxes, each once."""
    where = Where()
    where.add(among, *values)
    several = []
    for scope in scopes:
        one = _in_scope(scope, waiting, step)
        several.append(str(one))
        where.values += one.values
    asked = (
        f"SELECT document_id, number FROM portal.tasks WHERE {where} AND ({' OR '.join(several)})"  # noqa: S608
        f" AND opens_on <= %s ORDER BY {_ORDER}"
    )
    return session.rows_planned_anew(asked, [*where.values, on])


def _read(session: Session, found: Sequence[Row]) -> list[TaskRow]:
    """The tasks of these documents and numbers, in this order."""
    if not found:
        return []
    rows = session.rows(
        "SELECT id, process, document.lcsa, document.organization, status, task"
        " FROM unnest(%s::text[], %s::integer[]) WITH ORDINALITY AS asked (document_id, number, place)"
        " JOIN portal.tasks AS task USING (document_id, number)"
        " JOIN portal.documents AS document ON document.id = task.document_id ORDER BY place",
        [[document_id for document_id, _ in found], [number for _, number in found]],
    )
    return [TaskRow(*row) for row in rows]


def tasks_to_come(session: Session, scopes: Sequence[Scope], after: str, limit: int) -> list[TaskRow]:
    """As `Store.tasks_to_come`."""
    scopes = without_covered(scopes)
    if not scopes:
        return []
    parts, values = [], []
    for scope in scopes:
        where = _in_scope(scope, waiting=True)
        where.add("opens_on > '' AND opens_on > %s", after)
        parts.append(
            f"(SELECT opens_on, goal_on, since, document_id, number FROM portal.tasks WHERE {where}"  # noqa: S608
            f" ORDER BY opens_on, {_ORDER} LIMIT %s)"
        )
        values += [*where.values, limit]
    found = session.rows(
        f"SELECT document_id, number FROM ({' UNION '.join(parts)}) AS first ORDER BY opens_on, {_ORDER} LIMIT %s",  # noqa: S608
        [*values, limit],
    )
    return _read(session, found)


def tasks_by_date(connections: Connections, by: TaskDate, after: str, until: str) -> Iterator[TaskRow]:
    """As `Store.tasks_by_date`, in several questions, so that no connection is held between them."""
    date = _DATES[by]
    # From the end of the day `after`: nothing else of that day sorts behind this.
    last: Sequence[object] = (after, "~", 0)
    statement = (
        f"SELECT {date}, document_id, number, process, document.lcsa, document.organization, status, task"  # noqa: S608
        " FROM portal.tasks AS task JOIN portal.documents AS document ON document.id = document_id"
        f" WHERE waiting AND {_HAS[by]} AND ({date}, document_id, number) > (%s, %s, %s) AND {date} <= %s"
        f" ORDER BY {date}, document_id, number LIMIT {_AT_A_TIME}"
    )
    while True:
        with connections.session() as session:
            rows = session.rows(statement, [*last, until])
        for _, document_id, _, *about in rows:
            yield TaskRow(document_id, *about)
        if len(rows) < _AT_A_TIME:
            return
        last = rows[-1][:3]


def without_covered(scopes: Sequence[Scope]) -> list[Scope]:
    """The scopes without those that another covers: a task is in several that are left only if an LCSA's and an
    organization's meet.
    """
    distinct = list(dict.fromkeys(scopes))
    return [one for one in distinct if not any(_covers(other, one) for other in distinct if other is not one)]


def _covers(one: Scope, other: Scope) -> bool:
    return one.role == other.role and one.lcsa in (None, other.lcsa) and one.organization in (None, other.organization)


def _are_apart(scopes: Sequence[Scope]) -> bool:
    """Whether no task is in two of these, none of which covers another."""
    return all(
        (one.lcsa is None) == (other.lcsa is None) for one in scopes for other in scopes if one.role == other.role
    )


def _in_scope(scope: Scope, waiting: bool, step: str = "") -> Where:
    where = Where()
    where.add("role = %s", scope.role)
    where.within(scope)
    if step:
        where.add("step = %s", step)
    if waiting:
        where.add("waiting")
    return where


def _heads(scopes: Sequence[Scope], on: str, waiting: bool, limit: int, step: str = "") -> Statement:
    """The first so many tasks of each scope, put together, each once: their places in the inbox."""
    parts, values = [], []
    union = " UNION ALL " if _are_apart(scopes) else " UNION "
    for scope in scopes:
        for when, dates in ((_AT_ONCE, []), (_DATED, [on])):
            where = _in_scope(scope, waiting, step)
            where.add(when, *dates)
            parts.append(
                f"(SELECT {_ORDER} FROM portal.tasks WHERE {where}"  # noqa: S608 - our own text
                f" ORDER BY {_ORDER} LIMIT %s)"
            )
            values += [*where.values, limit]
    return union.join(parts), values


def _page(scopes: Sequence[Scope], on: str, waiting: bool, offset: int, limit: int, step: str = "") -> Statement:
    """The page's tasks."""
    heads, values = _heads(scopes, on, waiting, offset + limit, step)
    return (
        "SELECT id, process, document.lcsa, document.organization, status, task FROM ("  # noqa: S608
        f"SELECT * FROM ({heads}) AS first ORDER BY {_ORDER}"
        " OFFSET %s LIMIT %s) AS page"
        " JOIN portal.tasks AS task USING (document_id, number)"
        " JOIN portal.documents AS document ON document.id = task.document_id"
        " ORDER BY task.goal_on, task.since, task.document_id, task.number",
        [*values, offset, limit],
    )


def _counting(scopes: Sequence[Scope], on: str, waiting: bool) -> tuple[list[Statement], list[Statement]]:
    """What counts the tasks of all scopes, each once: those that can be taken at once, and those whose day has come, of
    each scope one more than `COUNTED` at most.
    """
    whole_lcsas: dict[str, list[str]] = defaultdict(list)
    for scope in scopes:
        if scope.organization is None and scope.lcsa is not None:
            whole_lcsas[scope.role].append(scope.lcsa)
    statements: list[Statement] = []
    dated: list[Statement] = []
    for scope in scopes:
        where = _in_scope(scope, waiting)
        if scope.organization is None:
            # `task_counts` has these columns too: the length of the longest inbox is a sum of a few numbers.
            counts = f"SELECT coalesce(sum(number), 0)::bigint FROM portal.task_counts WHERE {where}"  # noqa: S608
            statements.append((counts, list(where.values)))
        else:
            where.add("lcsa <> ALL(%s)", whole_lcsas[scope.role])
            at_once = f"SELECT count(*) FROM portal.tasks WHERE {where} AND {_AT_ONCE}"  # noqa: S608
            statements.append((at_once, list(where.values)))
        where.add(_DATED, on)
        some = f"SELECT FROM portal.tasks WHERE {where} LIMIT {COUNTED + 1}"
        dated.append((f"SELECT count(*) FROM ({some}) AS found", where.values))  # noqa: S608
    return statements, dated
