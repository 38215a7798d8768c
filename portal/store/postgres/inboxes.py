"""Inboxes: the open tasks of some scopes, in the order in which they are to be taken, and how many there are. And the
tasks of everybody by a date.

A page is read from the front of an index in the order of inboxes. Tasks that open on a date have such an index of their
own, in which those whose day is still to come are passed over; and where few opened yet, they are found by that date.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from portal.store.port import COUNTED, Page, Scope, TaskDate, TaskRow
from portal.store.postgres.connections import Connections, Session, Statement
from portal.store.postgres.where import Where

_AT_A_TIME = 500

# As the indexes `tasks_begun` and `tasks_goal` have them.
_DATES = {TaskDate.BEGAN: "greatest(opens_on, left(since, 10))", TaskDate.GOAL: "goal_on"}
_HAS = {TaskDate.BEGAN: "true", TaskDate.GOAL: "goal_on < '~'"}

_AT_ONCE, _DATED = "opens_on = ''", "opens_on > '' AND opens_on <= %s"


def tasks(session: Session, scopes: Sequence[Scope], on: str, waiting: bool, offset: int, limit: int) -> Page[TaskRow]:
    """As `Store.tasks`."""
    scopes = without_covered(scopes)
    if not scopes:
        return Page([], offset, 0)
    at_once, dated = _counting(scopes, on, waiting)
    page, *found = session.together([_page(scopes, on, waiting, offset, limit), *at_once, *dated])
    counts = [count for ((count,),) in found]
    more = any(count > COUNTED for count in counts[len(at_once) :])
    total = sum(counts[: len(at_once)]) + sum(min(count, COUNTED) for count in counts[len(at_once) :])
    return Page([TaskRow(*row) for row in page], offset, total, more)


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


def _in_scope(scope: Scope, waiting: bool) -> Where:
    where = Where()
    where.add("role = %s", scope.role)
    where.within(scope)
    if waiting:
        where.add("waiting")
    return where


def _page(scopes: Sequence[Scope], on: str, waiting: bool, offset: int, limit: int) -> Statement:
    """The page's tasks: the first of each scope, put together, each once."""
    parts, values = [], []
    union = " UNION ALL " if _are_apart(scopes) else " UNION "
    for scope in scopes:
        for when, dates in ((_AT_ONCE, []), (_DATED, [on])):
            where = _in_scope(scope, waiting)
            where.add(when, *dates)
            parts.append(
                f"(SELECT goal_on, since, document_id, number FROM portal.tasks WHERE {where}"  # noqa: S608 - our own text
                " ORDER BY goal_on, since, document_id, number LIMIT %s)"
            )
            values += [*where.values, offset + limit]
    return (
        "SELECT id, process, document.lcsa, document.organization, status, task FROM ("  # noqa: S608
        f"SELECT * FROM ({union.join(parts)}) AS first ORDER BY goal_on, since, document_id, number"
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
