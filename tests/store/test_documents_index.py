"""The index answers as a look through all documents would, whatever was written before."""

import random
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.store.document_row import row_of
from portal.store.documents_index import DocumentsIndex
from portal.store.port import EVERY_TASK, Json, Scope, Search, TaskDate, TaskSearch
from tests.store.documents_made_up import a_document, a_task

LCSAS, ORGANIZATIONS, ROLES, STATUSES = ("Kern", "Inyo"), ("IV-A", "DA 12 345"), ("legal", "iso"), ("active", "ended")
DAYS = ("2026-11-22", "2026-11-23", "2026-11-24")
TODAY = DAYS[1]
WORDS = ("kern", "3", "12", "345", "2 34", "da", "tpa", "6-0003", "-000", "0001", "2026-0002", "x")

some_tasks = st.lists(
    st.builds(
        a_task,
        role=st.sampled_from(ROLES),
        step=st.sampled_from(("one", "two")),
        waiting=st.booleans(),
        opens_on=st.sampled_from((None, "", *DAYS)),
        goal_on=st.sampled_from((None, *DAYS)),
        since=st.sampled_from(DAYS),
    ),
    max_size=4,
)
some_documents = st.lists(
    st.builds(
        a_document,
        number=st.integers(1, 5),
        changed=st.sampled_from(DAYS),
        lcsa=st.sampled_from(LCSAS),
        organization=st.sampled_from(ORGANIZATIONS),
        status=st.sampled_from(STATUSES),
        open_tasks=some_tasks,
        holdings=st.dictionaries(st.sampled_from(("a", "b")), st.integers(0, 3)),
        notices=st.lists(st.fixed_dictionaries({"sent_at": st.sampled_from((None, "2026"))}), max_size=2),
    ),
    max_size=12,
)
some_scopes = st.lists(
    st.builds(Scope, st.sampled_from(ROLES), st.sampled_from((None, *LCSAS)), st.sampled_from((None, *ORGANIZATIONS))),
    max_size=3,
)


def within(document: Json, scope: Scope) -> bool:
    """Whether the document is in this part of all."""
    return scope.lcsa in (None, document["lcsa"]) and scope.organization in (None, document["organization"])


@settings(max_examples=150, deadline=None)
@given(filled=some_documents, written=some_documents, scopes=some_scopes, waiting=st.booleans(), word=st.data())
def test_the_index_answers_as_a_look_through_all_documents_would(
    filled: list[Json], written: list[Json], scopes: list[Scope], waiting: bool, word: Any
) -> None:
    index = DocumentsIndex()
    kept = {document["id"]: document for document in filled}
    index.fill([row_of(document) for document in kept.values()])
    for document in written:
        kept[document["id"]] = document
        index.put(row_of(document))

    expected = [
        ((task["goal_on"] or "9999", task["since"], document["id"], number), task)
        for document in kept.values()
        for number, task in enumerate(document["open_tasks"])
        if any(task["role"] == scope.role and within(document, scope) for scope in scopes)
        and (task["opens_on"] or "") <= TODAY
        and (task["waiting"] or not waiting)
    ]
    expected.sort(key=lambda pair: pair[0])
    page = index.tasks(scopes, TODAY, waiting, 1, 3)
    assert [row.task for row in page.rows] == [task for _, task in expected[1:4]]
    assert page.total == len(expected)

    search = Search(scopes=tuple(scopes), words=(word.draw(st.sampled_from(WORDS)),))
    found = [
        document
        for document in kept.values()
        if any(within(document, scope) for scope in scopes)
        and any(search.words[0] in document[key].lower() for key in ("id", "lcsa", "organization"))
    ]
    found.sort(key=lambda document: (document["history"][-1]["at"], document["id"]), reverse=True)
    assert list(index.search(search, 0, 50).rows) == [document["id"] for document in found]
    assert index.count_by_status(search) == Counter(document["status"] for document in found)

    owing = [d for d in kept.values() if not all(notice["sent_at"] for notice in d["notices"])]
    owing.sort(key=lambda document: (document["history"][-1]["at"], document["id"]))
    assert index.with_notices_owed(50) == [document["id"] for document in owing]
    due = sorted(
        (task["opens_on"], document["id"])
        for document in kept.values()
        for task in document["open_tasks"]
        if task["step"] == "one" and task["opens_on"] and task["opens_on"] <= TODAY
    )
    assert index.with_task_due("one", TODAY, 50) == list(dict.fromkeys(document_id for _, document_id in due))
    dated = [
        (date, document["id"], number)
        for document in kept.values()
        for number, task in enumerate(document["open_tasks"])
        if task["waiting"] and (date := max(task["opens_on"] or "", task["since"][:10])) >= TODAY
    ]
    days = index.task_dates(TaskDate.BEGAN, DAYS[0], DAYS[2])
    by_date = [(day, row.document_id) for day in days for row in index.tasks_on(TaskDate.BEGAN, day)]
    assert sorted(by_date) == sorted((date, document_id) for date, document_id, _ in dated)
    goals = [task["goal_on"] for one in kept.values() for task in one["open_tasks"] if task["waiting"]]
    found_by_goal = [index.tasks_on(TaskDate.GOAL, day) for day in index.task_dates(TaskDate.GOAL, "", TODAY)]
    assert sum(map(len, found_by_goal)) == sum(1 for goal in goals if goal and goal <= TODAY)
    held = sum(document["holdings"].get("a", 0) for document in kept.values() if document["id"] != "TPA-2026-0001")
    assert index.held("a", "TPA-2026-0001") == held


def test_an_index_that_is_filled_at_once_answers_as_one_into_which_row_after_row_was_put() -> None:
    rows = [row_of(document) for document in many_documents(701)]  # more than are kept as a set of a few
    at_once, one_by_one = DocumentsIndex(), DocumentsIndex()
    at_once.fill(rows[:500])
    answers(at_once)  # which opens tasks whose day has come, as an inbox does
    at_once.fill(rows[500:])
    for row in rows:
        one_by_one.put(row)
    assert answers(at_once) == answers(one_by_one)
    for index in at_once, one_by_one:
        for row in rows[::2]:
            index.drop(row.document_id)
        for row in rows[1::4]:
            index.put(row._replace(bucket=row.bucket._replace(status="ended", organization="Moved 99")))
        index.fill([row._replace(changed=DAYS[0], tasks=row.tasks[:1]) for row in rows[3::4]])
    assert answers(at_once) == answers(one_by_one)


def many_documents(number: int) -> list[Json]:
    """So many different ones, the same each time."""
    some = random.Random(3)
    return [
        a_document(
            one * 7 % number + 1,
            changed=some.choice(DAYS),
            lcsa=some.choice(LCSAS),
            organization=f"{some.choice(ORGANIZATIONS)}, Office {some.randrange(150)}",
            status=some.choice(STATUSES),
            open_tasks=[
                a_task(
                    some.choice(ROLES),
                    some.choice(("one", "two")),
                    waiting=some.random() < 0.7,
                    opens_on=some.choice((None, *DAYS)),
                    goal_on=some.choice((None, *DAYS)),
                    since=some.choice(DAYS),
                )
                for _ in range(some.randrange(4))
            ],
            claims={"office-id": str(one)},
            holdings={some.choice(("a", "b")): one},
            notices=[{"sent_at": some.choice((None, "2026"))}],
        )
        for one in range(number)
    ]


def answers(index: DocumentsIndex) -> list[Any]:
    """What the index answers, to questions of every kind."""
    scopes = [
        Scope(role, lcsa, organization)
        for role in ROLES
        for lcsa in (None, *LCSAS)
        for organization in (None, "IV-A, Office 3", "Moved 99")
    ]
    words = [(word,) for word in (*WORDS, *"0123456789", "34", "office 3", "tpa-2026-01", "moved")]
    searches = [Search(), Search(by_name=True), *(Search(lcsa=lcsa, by_name=True) for lcsa in LCSAS)]
    searches += [Search(statuses=statuses, words=word) for word in words for statuses in ((), STATUSES[:1])]
    searches += [Search(scopes=(scope,)) for scope in scopes]
    groups = [[scope] for scope in scopes] + [scopes, scopes[1:6], scopes[4:]]
    return [
        index.ids(),
        [index.listed(search, 3, 40) for search in searches],
        [(index.count_by_lcsa(search), index.count_by_status(search)) for search in searches],
        [
            index.tasks(group, TODAY, waiting, 2, 30, search)
            for group in groups
            for waiting in (True, False)
            for search in (EVERY_TASK, TaskSearch("one"), TaskSearch("", ("office 3",)))
        ],
        [index.tasks_to_come(group, day, 30) for group in groups for day in ("", *DAYS)],
        [[index.tasks_on(by, day) for day in index.task_dates(by, "", "~")] for by in TaskDate],
        [index.with_task_due(step, TODAY, 50) for step in ("one", "two")],
        index.with_notices_owed(500),
        [(index.held(key, None), index.held(key, "TPA-2026-0007")) for key in ("a", "b")],
        [index.holder("office-id", str(number)) for number in range(701)],
    ]


@settings(max_examples=30, deadline=None)
@given(written=some_documents)
def test_an_index_from_which_all_is_dropped_keeps_nothing(written: list[Json]) -> None:
    index = DocumentsIndex()
    for document in written:
        index.put(row_of(document))
    for document_id in index.ids():
        index.drop(document_id)
    assert not any(vars(index).values())
