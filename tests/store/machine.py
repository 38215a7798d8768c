"""A machine that does to a store whatever can be done to it, in any order, and compares it with the model after each act.

The store is open twice, as two processes would have it, and either may be closed and opened anew at any time.
"""

import hashlib
from collections.abc import Callable
from contextlib import nullcontext, suppress
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from portal.store.errors import ClaimTaken, Conflict, NotFound
from portal.store.port import Json, Scope, Search, Store, TaskDate, TaskSearch, Writing
from tests.store.model import Model

IDS = (
    *(f"TPA-2026-{number:04d}" for number in range(1, 6)),
    "TPA-2025-0009",
    "CR-2026-0002",
    "odd.id",
    "TPA-2026-12345",
)
DATES = ("2026-11-20", "2026-11-23", "2026-12-01")
TIMES = tuple(f"{day}T08:00:00Z" for day in DATES)
LCSAS, ORGANIZATIONS = ("Kern", "Inyo", "San Diego"), ("Kern IV-A", "Cañada IV-E", "Kern DA", "")
ROLES, STEPS, STATUSES = (
    ("legal", "director", "iso"),
    ("legal-opinion", "send-invitation"),
    ("active", "ended", "applying"),
)
HOLDINGS = ("uaag/Kern", "uaag/Inyo")
HOW = ("keep", "keep", "keep", "add", "stale", "early")
"""How a document is written; `keep`: as it can be."""

OFF = {"keep": 0, "stale": -1, "early": 1}
"""How far the expected revision is from the one that is there."""

WORDS = ("kern", "IV", "tpa-2026-0001", "CAÑ", "%", "_", "000", "n i", "Diego", "", "\\", "x")
KEYS = ("ana@kern.example", "a/b", ".", "..", "~", "x" * 300, "Ñ 漢", "%2E")

a_store = st.integers(0, 1)
an_offset, a_limit = st.integers(0, 6), st.integers(0, 4)
some_of = lambda values: st.none() | st.sampled_from(values)  # noqa: E731 - a word for a strategy
tasks = st.fixed_dictionaries(
    {
        "role": st.sampled_from(ROLES),
        "step": st.sampled_from(STEPS),
        "waiting": st.booleans(),
        "opens_on": some_of(("", *DATES)),
        "goal_on": some_of(DATES),
        "since": some_of(TIMES),
    }
)
documents = st.fixed_dictionaries(
    {
        "id": st.sampled_from(IDS),
        "process": st.sampled_from(("third-party-access", "change-requests")),
        "lcsa": st.sampled_from(LCSAS),
        "organization": st.sampled_from(ORGANIZATIONS),
        "status": st.sampled_from(STATUSES),
        "open_tasks": st.lists(tasks, max_size=3),
        "history": st.lists(st.fixed_dictionaries({"at": st.sampled_from(TIMES)}), max_size=2),
        "claims": st.dictionaries(st.sampled_from(("office-id", "case")), st.sampled_from(("1", "2")), max_size=2),
        "holdings": st.dictionaries(st.sampled_from(HOLDINGS), st.integers(0, 3), max_size=2),
        "notices": st.lists(st.fixed_dictionaries({"sent_at": some_of(TIMES)}), max_size=2),
        "purpose": st.text(max_size=5),
    }
)
scopes = st.lists(st.builds(Scope, st.sampled_from(ROLES), some_of(LCSAS), some_of(ORGANIZATIONS)), max_size=3).map(
    tuple
)
task_searches = st.builds(
    TaskSearch, st.sampled_from(("", *STEPS)), st.lists(st.sampled_from(WORDS), max_size=1).map(tuple)
)
searches = st.builds(
    Search,
    process=some_of(("third-party-access", "change-requests", "none")),
    scopes=st.none() | scopes,
    statuses=st.lists(st.sampled_from(STATUSES), max_size=2).map(tuple),
    lcsa=some_of((*LCSAS, "Mono")),
    words=st.lists(st.sampled_from(WORDS), max_size=2).map(tuple),
)
kinds, keys = st.sampled_from(("people", "drafts")), st.sampled_from(KEYS)
values = st.dictionaries(st.sampled_from(("name", "typed")), st.text(max_size=5), max_size=2)
revisions = st.none() | st.integers(0, 3)


class StoreMachine(RuleBasedStateMachine):
    """`opening` opens the store, which is empty at first."""

    def __init__(self, opening: Callable[[], Store]) -> None:
        super().__init__()
        self.opening = opening
        self.stores = [opening(), opening()]
        self.model = Model()
        self.acts = 0

    def teardown(self) -> None:
        """At the end everything is there, for one who opens the store anew too."""
        try:
            self.everything_is_there(self.opening())
        finally:
            for store in self.stores:
                store.close()

    # Documents.

    @initialize(at=a_store, some=st.lists(documents, min_size=2, max_size=6, unique_by=lambda one: one["id"]))
    def load(self, at: int, some: list[Json]) -> None:
        """Many at once at the beginning, and never twice."""
        holders: dict[tuple[str, str], str] = {}
        for document in some:
            document["claims"] = {
                claim: value
                for claim, value in document["claims"].items()
                if holders.setdefault((claim, value), document["id"]) == document["id"]
            }
        self.stores[at].load(some)
        for document in some:
            self.model.keep(document, 1)
        with pytest.raises(Conflict):
            self.stores[at].load(some)

    @rule(at=a_store, acts=st.lists(st.tuples(documents, st.sampled_from(HOW)), min_size=1, max_size=3))
    def write(self, at: int, acts: list[tuple[Json, str]]) -> None:
        """A block of writing: documents are added, or replaced at the right revision or at another."""
        touched = [self.model.documents.get(document["id"], document) for document, _ in acts]
        with self.stores[at].writing() as writing:
            for document, how in acts:
                kept = self.model.documents.get(document["id"])
                if how == "add" or (how == "keep" and kept is None):
                    self._keeps(document, None, writing.add)
                else:
                    expected = (kept["revision"] if kept else 1) + OFF[how]
                    self._keeps(document, expected, lambda one, expected=expected: writing.replace(one, expected))
        self._are_found_as_they_are([*touched, *(document for document, _ in acts)])

    def _keeps(self, document: Json, expected: int | None, act: Callable[[Json], Json]) -> None:
        refusals = self.model.refusals(document, expected)
        if refusals:
            with pytest.raises(tuple(refusals)):
                act(document)
        else:
            assert act(document) == self.model.keep(document, (expected or 0) + 1)

    def _are_found_as_they_are(self, touched: list[Json]) -> None:
        """Where these documents are, or were: no inbox lacks a task, or has one that is over, for either of the two;
        what they held and claimed is what they hold and claim; and the list, page after page, has each once.
        """
        for store in self.stores:
            assert dict(store.sums(HOLDINGS)) == {key: self.model.held(key, None) for key in HOLDINGS}
            for claim in {claim for one in touched for claim in one["claims"].items()}:
                assert store.holder(*claim) == self.model.holder(*claim)
            before, after = touched[0], touched[-1]
            narrower = [Search(process=before["process"]), Search(lcsa=before["lcsa"])]
            named = [Search(words=(one["organization"],)) for one in (before, after)]
            for search in (Search(), *narrower, *named):
                every = [one["id"] for one in self.model.found(search)]
                pages = [store.listed(search, offset, 2).rows for offset in range(0, len(every), 2)]
                assert [one.id for page in pages for one in page] == every
        places = {(None, None), *((one["lcsa"], None) for one in touched)}
        places |= {(lcsa, one["organization"]) for one in touched for lcsa in (None, one["lcsa"])}
        on = DATES[0]  # the first, for what opens later stays apart then
        for scope in (Scope(role, *place) for role in ROLES for place in places):
            every = self.model.tasks((scope,), on, False, TaskSearch())
            coming = self.model.to_come((scope,), on)
            for store in self.stores:
                page = store.tasks((scope,), on, False, 0, 50)
                assert ([(row.document_id, row.task) for row in page.rows], page.total) == (every, len(every))
                found = store.tasks_to_come((scope,), on, 50)
                assert [(row.task["opens_on"], row.document_id) for row in found] == coming

    @rule(at=a_store, document_id=st.sampled_from(IDS), key=st.sampled_from((*HOLDINGS, "none")))
    def look_in_a_block(self, at: int, document_id: str, key: str) -> None:
        """What is read in a block is what is there."""
        with self.stores[at].writing() as writing:
            self._is_there(writing, document_id)
            for besides in (None, document_id):
                assert writing.held(key, besides) == self.model.held(key, besides)
            for claim in (("office-id", "1"), ("office-id", "2"), ("case", "1"), ("case", "3")):
                assert writing.holder(*claim) == self.model.holder(*claim)

    def _is_there(self, store: Store | Writing, document_id: str) -> None:
        if document_id in self.model.documents:
            assert store.get(document_id) == self.model.documents[document_id]
        else:
            with pytest.raises(NotFound):
                store.get(document_id)

    @rule(at=a_store, prefix=st.sampled_from(("TPA", "CR")), year=st.integers(2025, 2026), fails=st.booleans())
    def give_an_id(self, at: int, prefix: str, year: int, fails: bool) -> None:
        """An id is given once, though the block ends with an error."""
        with suppress(ZeroDivisionError), self.stores[at].writing() as writing:
            assert writing.new_id(prefix, year) == self.model.new_id(prefix, year)
            if fails:
                raise ZeroDivisionError

    @rule(at=a_store, document=documents, revision=st.integers(0, 4))
    def restore_a_document(self, at: int, document: Json, revision: int) -> None:
        """It is kept at the revision that it carries; 0 is none."""
        store, given = self.stores[at], {**document, "revision": revision}
        if not revision:
            with pytest.raises(ValueError, match="revision"):
                store.restore_document(given)
        elif self.model.claim_taken(document):
            with pytest.raises(ClaimTaken):
                store.restore_document(given)
        else:
            touched = [self.model.documents.get(document["id"], document), document]
            store.restore_document(given)
            self.model.keep(document, revision)
            self._are_found_as_they_are(touched)

    @rule(at=a_store, document_id=st.sampled_from((*IDS, "TPA-2026-0020", "XY-2026-0001")))
    def restore_an_id_given(self, at: int, document_id: str) -> None:
        """Numbers go on after it."""
        if document_id == "odd.id":
            with pytest.raises(ValueError, match="number"):
                self.stores[at].restore_id_given(document_id)
        else:
            self.stores[at].restore_id_given(document_id)
            self.model.know(document_id)

    # Finding.

    @rule(at=a_store, search=searches, offset=an_offset, limit=a_limit)
    def find(self, at: int, search: Search, offset: int, limit: int) -> None:
        """A page, and how many there are."""
        every, store = self.model.found(search), self.stores[at]
        page = store.search(search, offset, limit)
        assert (list(page.rows), page.offset, page.total) == (every[offset : offset + limit], offset, len(every))
        assert dict(store.count_by_status(search)) == self.model.count_by_status(search)
        listed = store.listed(search, offset, limit)
        assert ([one.id for one in listed.rows], listed.total) == ([one["id"] for one in page.rows], page.total)
        for one, document in zip(listed.rows, page.rows, strict=True):
            assert one.changed_at == (document["history"] or [{"at": ""}])[-1]["at"]
            assert list(one.tasks) == [(task["role"], task["opens_on"] or "") for task in document["open_tasks"]]
            assert all(getattr(one, key) == document[key] for key in ("process", "lcsa", "organization", "status"))

    @rule(
        at=a_store,
        some=scopes,
        on=st.sampled_from(DATES),
        waiting=st.booleans(),
        offset=an_offset,
        limit=a_limit,
        search=task_searches,
    )
    def open_an_inbox(
        self,
        at: int,
        some: tuple[Scope, ...],
        on: str,
        waiting: bool,
        offset: int,
        limit: int,
        search: TaskSearch,
    ) -> None:
        """The tasks of these scopes on a date, which may be before one that was asked about."""
        every = self.model.tasks(some, on, waiting, search)
        page = self.stores[at].tasks(some, on, waiting, offset, limit, search)
        assert [(row.document_id, row.task) for row in page.rows] == every[offset : offset + limit]
        assert (page.offset, page.total) == (offset, len(every))
        for row in page.rows:
            document = self.model.documents[row.document_id]
            assert [row.lcsa, row.organization, row.status] == [
                document[key] for key in ("lcsa", "organization", "status")
            ]

    @rule(at=a_store, some=scopes, after=st.sampled_from(("", *DATES)), limit=st.integers(1, 4))
    def ask_what_will_come(self, at: int, some: tuple[Scope, ...], after: str, limit: int) -> None:
        """Tasks that open on a later date than this."""
        found = [(row.task["opens_on"], row.document_id) for row in self.stores[at].tasks_to_come(some, after, limit)]
        expected = self.model.to_come(some, after)
        assert [opens_on for opens_on, _ in found] == [opens_on for opens_on, _ in expected][:limit]
        assert set(found) <= set(expected)

    @rule(at=a_store, step=st.sampled_from((*STEPS, "none")), on=st.sampled_from(DATES), limit=st.integers(1, 4))
    def ask_what_is_due(self, at: int, step: str, on: str, limit: int) -> None:
        """Notices owed, and what the date brings."""
        assert list(self.stores[at].with_task_due(step, on, limit)) == self.model.due(step, on)[:limit]
        assert list(self.stores[at].with_notices_owed(limit)) == self.model.owing()[:limit]

    @rule(at=a_store, by=st.sampled_from(TaskDate), after=st.sampled_from(("", *DATES)), until=st.sampled_from(DATES))
    def ask_what_began_to_wait(self, at: int, by: TaskDate, after: str, until: str) -> None:
        """Tasks by a date."""
        found = [row.document_id for row in self.stores[at].tasks_by_date(by, after, until)]
        expected = self.model.waiting_by_date(by, after, until)
        assert sorted(found) == sorted(document_id for _, document_id in expected)

    # Records, files and the log.

    @rule(at=a_store, kind=kinds, key=keys, value=values, expected=revisions, inside=st.booleans())
    def put_a_record(self, at: int, kind: str, key: str, value: Json, expected: int | None, inside: bool) -> None:
        """By itself, or in a block of writing."""
        store, found = self.stores[at], self.model.records.get((kind, key), {"revision": 0})["revision"]
        with store.writing() if inside else nullcontext():
            if expected not in (None, found):
                with pytest.raises(Conflict) as refused:
                    store.put_record(kind, key, value, expected)
                assert refused.value.found == found
            else:
                kept = self.model.put_record(kind, key, value)
                assert store.put_record(kind, key, value, expected) == kept
                for stale in (kept["revision"] - 1, kept["revision"] + 1):
                    with pytest.raises(Conflict):
                        store.put_record(kind, key, value, stale)

    @rule(at=a_store, kind=kinds, key=keys)
    def delete_a_record(self, at: int, kind: str, key: str) -> None:
        """Whether it is there or not."""
        self.stores[at].delete_record(kind, key)
        self.model.records.pop((kind, key), None)

    @rule(at=a_store, kind=kinds, key=keys, value=values, revision=st.integers(1, 9))
    def restore_a_record(self, at: int, kind: str, key: str, value: Json, revision: int) -> None:
        """At the revision that it carries."""
        self.stores[at].restore_record(kind, key, {**value, "revision": revision})
        self.model.records[kind, key] = {**value, "revision": revision}

    @rule(at=a_store, kind=kinds, key=keys)
    def read_records(self, at: int, kind: str, key: str) -> None:
        """One of them, and all of its kind."""
        assert self.stores[at].get_record(kind, key) == self.model.records.get((kind, key))
        assert list(self.stores[at].records(kind)) == self.model.records_of(kind)

    @rule(at=a_store, content=st.binary(max_size=20), inside=st.booleans())
    def keep_a_file(self, at: int, content: bytes, inside: bool) -> None:
        """It comes back from the other."""
        with self.stores[at].writing() if inside else nullcontext():
            sha256 = self.stores[at].put_file(content)
        assert sha256 == hashlib.sha256(content).hexdigest()
        self.model.files[sha256] = content
        assert self.stores[1 - at].get_file(sha256) == content

    @rule(at=a_store, did=st.sampled_from(("signed in", 'said "no"', "Ñandú")), fails=st.booleans())
    def add_a_line(self, at: int, did: str, fails: bool) -> None:
        """A line of the log, kept though a block of writing around it ends with an error."""
        with suppress(ZeroDivisionError), self.stores[at].writing() if fails else nullcontext():
            line = self.stores[at].append_log({"did": did, "n": len(self.model.log)})
            if fails:
                raise ZeroDivisionError
        before = self.model.log[-1] if self.model.log else {"seq": 0, "hash": "0" * 64}
        assert (line["seq"], line["previous"]) == (before["seq"] + 1, before["hash"])
        self.model.log.append(line)

    @rule(at=a_store, did=st.sampled_from(("took a step", 'said "no"')))
    def add_a_line_with_a_block(self, at: int, did: str) -> None:
        """A line that is kept with what the block writes."""
        added = {"did": did, "n": len(self.model.log)}
        with self.stores[at].writing() as writing:
            writing.append_log(added)
        (line,) = self.stores[1 - at].log(0, 1).rows
        before = self.model.log[-1] if self.model.log else {"seq": 0, "hash": "0" * 64}
        assert (line["seq"], line["previous"]) == (before["seq"] + 1, before["hash"])
        assert line.items() >= added.items()
        self.model.log.append(line)

    @rule(at=a_store, gap=st.integers(1, 3))
    def restore_a_line(self, at: int, gap: int) -> None:
        """As it is, after a lost one too."""
        last = self.model.log[-1]["seq"] if self.model.log else 0
        line = {
            "seq": last + gap,
            "previous": "a" * 64,
            "hash": f"{last + gap:064d}",
            "at": TIMES[0],
            "did": "restored",
        }
        self.stores[at].restore_log_lines([line])
        self.model.log.append(line)

    @rule(at=a_store, words=st.lists(st.sampled_from(("SIGNED", '"no"', "ñ", "in")), min_size=1, max_size=2).map(tuple))
    def read_the_log(self, at: int, words: tuple[str, ...]) -> None:
        """All of it, and the lines with some words."""
        found = self.model.lines_with(words)
        page = self.stores[at].log(1, 2, words)
        assert (list(page.rows), page.total) == (found[1:3], len(found))
        assert list(self.stores[at].log_lines()) == self.model.log
        assert list(self.stores[at].log(0, 3).rows) == self.model.log[:-4:-1]

    # The store itself.

    @rule(at=a_store)
    def open_anew(self, at: int) -> None:
        """One is closed, and opened anew."""
        self.stores[at].close()
        self.stores[at] = self.opening()

    @invariant()
    def both_know_how_many_there_are(self) -> None:
        """After every act."""
        self.acts += 1
        for store in self.stores:
            assert list(store.document_ids()) == sorted(self.model.documents)
            assert dict(store.count_by_status(Search())) == self.model.count_by_status(Search())

    def everything_is_there(self, store: Store) -> None:
        """Everything that the model has, and nothing else."""
        told: dict[str, Any] = {
            "documents": {document_id: store.get(document_id) for document_id in store.document_ids()},
            "revisions": dict(store.revisions()),
            "given": list(store.ids_given()),
            "kinds": list(store.record_kinds()),
            "records": [list(store.records(kind)) for kind in self.model.kinds()],
            "files": list(store.file_ids()),
            "log": list(store.log_lines()),
            "damaged": list(store.damaged()),
        }
        store.check()
        store.close()
        assert told == {
            "documents": self.model.documents,
            "revisions": {key: document["revision"] for key, document in self.model.documents.items()},
            "given": self.model.ids_given(),
            "kinds": self.model.kinds(),
            "records": [self.model.records_of(kind) for kind in self.model.kinds()],
            "files": sorted(self.model.files),
            "log": self.model.log,
            "damaged": [],
        }
