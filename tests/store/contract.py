"""What every store promises, a sentence for each promise. A store's own tests inherit it and say how to open one."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from portal.store.errors import ClaimTaken, Conflict, NotFound
from portal.store.port import Json, Listed, LogSearch, Scope, Search, Store, TaskDate, TaskSearch
from tests.store.documents_made_up import EARLY, LATE, a_document, a_task, add, change

Opening = Callable[[], Store]


class StoreContract:
    """Held to by every store. The class that inherits it has a fixture `opening`, which opens the same store anew."""

    @pytest.fixture
    def store(self, opening: Opening) -> Iterator[Store]:
        """An empty store."""
        store = opening()
        yield store
        store.close()

    @pytest.fixture
    def other(self, opening: Opening, store: Store) -> Iterator[Store]:
        """The same store, opened a second time, as another process would."""
        other = opening()
        yield other
        other.close()

    # Documents.

    def test_a_document_comes_back_as_it_was_added_at_revision_one(self, store: Store) -> None:
        document = a_document(purpose='Ana "Ñ" O\'Neil & <Söhne> 漢字 \u2028')
        kept = add(store, document)
        assert kept == {**document, "revision": 1}
        assert store.get(document["id"]) == kept

    def test_a_document_that_nobody_added_is_not_found(self, store: Store) -> None:
        for document_id in ("TPA-2026-0001", "", "../changes", "/etc/passwd", "a\x00b", "x" * 5000):
            with pytest.raises(NotFound):
                store.get(document_id)

    def test_replacing_keeps_the_new_document_whole_one_revision_on(self, store: Store) -> None:
        add(store, a_document(draft="to be dropped"))
        with store.writing() as writing:
            kept = writing.replace(a_document(status="invited"), 1)
        assert kept == {**a_document(status="invited"), "revision": 2}
        assert store.get(kept["id"]) == kept

    def test_the_store_alone_counts_revisions(self, store: Store) -> None:
        assert add(store, a_document(revision=41))["revision"] == 1
        assert change(store, "TPA-2026-0001", status="invited")["revision"] == 2

    def test_a_write_is_refused_when_somebody_else_wrote_first(self, store: Store, other: Store) -> None:
        add(store, a_document())
        change(other, "TPA-2026-0001", status="invited")
        with pytest.raises(Conflict) as refused, store.writing() as writing:
            writing.replace(a_document(status="withdrawn"), 1)
        assert (refused.value.key, refused.value.expected, refused.value.found) == ("TPA-2026-0001", 1, 2)
        assert store.get("TPA-2026-0001")["status"] == "invited"

    def test_an_id_that_is_there_cannot_be_added_again(self, store: Store, other: Store) -> None:
        add(other, a_document(status="invited"))
        with pytest.raises(Conflict):
            add(store, a_document())
        assert store.get("TPA-2026-0001")["status"] == "invited"

    def test_what_is_not_there_cannot_be_replaced(self, store: Store) -> None:
        with pytest.raises(NotFound), store.writing() as writing:
            writing.replace(a_document(), 1)

    def test_what_json_cannot_carry_is_refused_and_changes_nothing(self, store: Store) -> None:
        before = add(store, a_document())
        wrongs: list[Json] = [{"purpose": {1, 2}}, {"history": "none"}, {"claims": ["office-id"]}, {"open_tasks": [{}]}]
        for wrong in wrongs:
            with pytest.raises((TypeError, ValueError)):
                change(store, "TPA-2026-0001", **wrong)
        assert store.get("TPA-2026-0001") == before
        assert store.search(Search()).rows == [before]

    def test_changing_what_was_returned_changes_nothing_that_is_kept(self, store: Store) -> None:
        given = a_document(open_tasks=[a_task("legal")])
        kept = add(store, given)
        read, found = store.get(given["id"]), store.search(Search()).rows[0]
        task = store.tasks([Scope("legal")], "2026-11-23").rows[0].task
        for copy in (given, kept, read, found):
            copy["status"] = "rejected"
            copy["open_tasks"][0]["role"] = "iso"
        task["role"] = "iso"
        assert store.get("TPA-2026-0001") == {**a_document(open_tasks=[a_task("legal")]), "revision": 1}
        assert store.tasks([Scope("legal")], "2026-11-23").rows[0].task == a_task("legal")

    # A block of writing.

    def test_a_block_of_writing_is_not_to_be_nested(self, store: Store) -> None:
        with store.writing(), pytest.raises(RuntimeError), store.writing():
            pass  # pragma: no cover
        add(store, a_document())

    def test_an_error_inside_the_block_lets_the_next_writer_in(self, store: Store, other: Store) -> None:
        with pytest.raises(ZeroDivisionError), store.writing():
            raise ZeroDivisionError
        add(other, a_document())
        change(store, "TPA-2026-0001", status="invited")

    def test_nothing_can_be_written_after_the_block(self, store: Store) -> None:
        with store.writing() as writing:
            pass
        with pytest.raises(RuntimeError):
            writing.add(a_document())

    def test_records_and_log_lines_can_be_kept_inside_the_block(self, store: Store) -> None:
        with store.writing() as writing:
            writing.add(a_document())
            store.put_record("drafts", "TPA-2026-0001", {"purpose": "p"})
            store.append_log({"did": "add"})
        assert store.get_record("drafts", "TPA-2026-0001") == {"purpose": "p", "revision": 1}

    def test_threads_that_add_to_the_same_number_lose_nothing(self, store: Store) -> None:
        add(store, a_document(holdings={"uaag/Kern": 0}))

        def take_ten() -> None:
            for _ in range(10):
                with store.writing() as writing:
                    document = writing.get("TPA-2026-0001")
                    taken = writing.held("uaag/Kern")
                    writing.replace({**document, "holdings": {"uaag/Kern": taken + 1}}, document["revision"])

        threads = [threading.Thread(target=take_ten) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with store.writing() as writing:
            assert writing.held("uaag/Kern") == 40
        assert store.get("TPA-2026-0001")["revision"] == 41

    # Ids.

    def test_ids_count_from_one_in_each_year_and_prefix_with_four_digits(self, store: Store) -> None:
        with store.writing() as writing:
            given = [writing.new_id("TPA", 2026), writing.new_id("TPA", 2026), writing.new_id("TPA", 2027)]
            assert [*given, writing.new_id("CR", 2026)] == [
                "TPA-2026-0001", "TPA-2026-0002", "TPA-2027-0001", "CR-2026-0001",
            ]  # fmt: skip

    def test_ids_go_on_after_the_highest_that_is_kept_and_past_four_digits(self, store: Store, other: Store) -> None:
        add(store, a_document(9999))
        with other.writing() as writing:
            assert writing.new_id("TPA", 2026) == "TPA-2026-10000"

    def test_an_id_that_was_given_is_not_given_again_though_nothing_was_kept(
        self, opening: Opening, store: Store, other: Store
    ) -> None:
        with store.writing() as writing:
            given = [writing.new_id("TPA", 2026)]
        with other.writing() as writing:
            given.append(writing.new_id("TPA", 2026))
        later = opening()
        with later.writing() as writing:
            given.append(writing.new_id("TPA", 2026))
        later.close()
        assert len(set(given)) == 3

    # Claims and holdings.

    def test_a_claim_is_held_by_one_document_at_a_time(self, store: Store, other: Store) -> None:
        add(store, a_document(1, claims={"office-id": "KERN-01"}))
        add(other, a_document(2))
        with pytest.raises(ClaimTaken) as refused:
            change(other, "TPA-2026-0002", claims={"office-id": "KERN-01"})
        assert (refused.value.claim, refused.value.holder) == ("office-id", "TPA-2026-0001")
        with pytest.raises(ClaimTaken):
            add(other, a_document(3, claims={"office-id": "KERN-01"}))
        assert store.get("TPA-2026-0002")["claims"] == {}
        assert list(store.document_ids()) == ["TPA-2026-0001", "TPA-2026-0002"]

    def test_a_claim_that_was_let_go_can_be_taken_by_another(self, store: Store, other: Store) -> None:
        add(store, a_document(1, claims={"office-id": "KERN-01"}))
        add(store, a_document(2))
        change(store, "TPA-2026-0001", claims={"office-id": "KERN-02"}, status="active")
        change(other, "TPA-2026-0002", claims={"office-id": "KERN-01"})
        with store.writing() as writing:
            assert writing.holder("office-id", "KERN-01") == "TPA-2026-0002"
            assert writing.holder("office-id", "KERN-02") == "TPA-2026-0001"
            assert writing.holder("office-id", "KERN-03") is None
            assert writing.holder("case", "KERN-01") is None
            assert other.holder("office-id", "KERN-01") == "TPA-2026-0002"  # as it is, though somebody writes
            assert store.holder("office-id", "KERN-03") is None

    def test_holdings_are_added_up_over_all_documents_besides_one(self, store: Store, other: Store) -> None:
        add(store, a_document(1, holdings={"uaag/Kern": 3, "uaag/Inyo": 1}))
        add(other, a_document(2, holdings={"uaag/Kern": 4}))
        add(store, a_document(3, holdings={"uaag/Kern": 5}))
        change(other, "TPA-2026-0003", holdings={"uaag/Kern": 10})
        with store.writing() as writing:
            assert writing.held("uaag/Kern") == 17
            assert writing.held("uaag/Kern", besides="TPA-2026-0002") == 13
            assert writing.held("uaag/Inyo", besides="TPA-2026-0002") == 1
            assert writing.held("uaag/Mono") == 0
            for held in (store.held, other.held):  # as it is, though somebody writes
                assert [held(key, "TPA-2026-0002") for key in ("uaag/Kern", "uaag/Inyo", "uaag/Mono")] == [13, 1, 0]
                assert held("uaag/Kern") == 17

    def test_several_holdings_are_added_up_in_one_question(self, store: Store, other: Store) -> None:
        add(store, a_document(1, holdings={"uaag/Kern": 3, "uaag/Inyo": 1}))
        add(other, a_document(2, holdings={"uaag/Kern": 4}))
        keys = ["uaag/Kern", "uaag/Inyo", "uaag/Mono", "uaag/\0"]
        assert store.sums(keys) == {"uaag/Kern": 7, "uaag/Inyo": 1, "uaag/Mono": 0, "uaag/\0": 0}
        change(other, "TPA-2026-0002", holdings={})
        assert (store.sums(keys[:1]), store.sums([])) == ({"uaag/Kern": 3}, {})

    def test_many_are_loaded_at_once_unless_one_is_there_or_its_claim_is_held(self, store: Store, other: Store) -> None:
        add(store, a_document(1, claims={"office-id": "KERN-01"}))
        store.load([a_document(2, claims={"office-id": "KERN-02"}), a_document(3)])
        assert ids(other, Search()) == ["TPA-2026-0003", "TPA-2026-0002", "TPA-2026-0001"]
        with pytest.raises(Conflict):
            other.load([a_document(2, claims={"office-id": "KERN-02"})])
        for taken in (
            [a_document(4, claims={"office-id": "KERN-01"})],
            [a_document(n, claims={"o": "1"}) for n in (5, 6)],
        ):
            with pytest.raises(ClaimTaken):
                store.load(taken)
        assert {"TPA-2026-0004", "TPA-2026-0006"}.isdisjoint(other.document_ids())

    # Finding documents.

    def test_the_last_changed_document_is_found_first(self, store: Store) -> None:
        for number in (1, 2, 3):
            add(store, a_document(number))
        change(store, "TPA-2026-0002", history=[{"seq": 1, "at": EARLY}, {"seq": 2, "at": LATE}])
        assert ids(store, Search()) == ["TPA-2026-0002", "TPA-2026-0003", "TPA-2026-0001"]

    def test_a_search_is_paged_and_says_how_many_there_are(self, store: Store) -> None:
        for number in range(1, 8):
            lcsa = "Kern" if number % 2 else "Inyo"
            add(store, a_document(number, lcsa=lcsa, changed=f"2026-11-0{number}T08:00:00Z"))
        page = store.search(Search(), offset=2, limit=3)
        assert [document["id"][-1] for document in page.rows] == ["5", "4", "3"]
        assert (page.offset, page.total) == (2, 7)
        assert store.search(Search(), offset=7).rows == []

    def test_a_search_keeps_to_process_status_and_lcsa(self, store: Store) -> None:
        add(store, a_document(1, status="active"))
        add(store, a_document(2, status="ended", lcsa="Inyo"))
        add(store, a_document(3, process="change-requests"))
        assert ids(store, Search(process="change-requests")) == ["TPA-2026-0003"]
        assert ids(store, Search(statuses=("active", "ended"))) == ["TPA-2026-0002", "TPA-2026-0001"]
        assert ids(store, Search(statuses=("active",), lcsa="Inyo")) == []
        assert ids(store, Search(lcsa="Inyo")) == ["TPA-2026-0002"]

    def test_words_are_found_in_id_lcsa_or_organization_in_any_case(self, store: Store) -> None:
        add(store, a_document(1, lcsa="Cañada", organization="Cañada IV-E"))
        add(store, a_document(12))
        add(store, a_document(2, lcsa="kern 12", purpose="Cañada"))
        assert ids(store, Search(words=("CAÑADA",))) == ["TPA-2026-0001"]
        assert ids(store, Search(words=("iv-a", "kern", "12"))) == ["TPA-2026-0012", "TPA-2026-0002"]
        assert ids(store, Search(words=("tpa-2026-0012",))) == ["TPA-2026-0012"]
        assert ids(store, Search(words=("kern", "alameda"))) == []
        assert ids(store, Search(words=("%", "_"))) == []

    def test_a_part_of_a_number_is_found_in_the_id_and_in_the_organization(self, store: Store) -> None:
        add(store, a_document(7, organization="Kern DA, Office 1667"))
        add(store, a_document(10007, organization="Kern DA, Office 66 7"))
        found = {
            "7": "21", "66": "21", "166": "1", "1667": "1", "667": "1", "6667": "", "66 7": "2", "office": "21", "67,": "",
            "0007": "21", "00007": "", "10007": "2", "-0007": "1", "6-0": "1", "26-1": "2", "2026-0007": "1", "5-0007": "",
            "tpa-2026-": "21", "-": "21", "a-2026-1000": "2", "100071": "", "1007": "",
        }  # fmt: skip
        number = {"1": "TPA-2026-0007", "2": "TPA-2026-10007"}
        for letters, those in found.items():
            assert ids(store, Search(words=(letters,))) == [number[one] for one in those], letters
        change(store, "TPA-2026-0007", organization="Kern DA, Office 8")
        assert ids(store, Search(words=("667",))) == ids(store, Search(words=("166",))) == []

    def test_a_list_shows_each_document_as_it_was_last_written(self, store: Store, other: Store) -> None:
        add(
            store,
            a_document(
                1, open_tasks=[a_task("legal"), a_task("iso", waiting=False), a_task("legal", opens_on="2029-01-05")]
            ),
        )
        add(store, a_document(2, history=[]))
        assert store.listed(Search(), limit=1).rows == [
            Listed(
                "TPA-2026-0001",
                "third-party-access",
                "Kern",
                "Kern IV-A",
                "identified",
                EARLY,
                (("legal", ""), ("iso", ""), ("legal", "2029-01-05")),
            )
        ]
        change(other, "TPA-2026-0002", lcsa="Inyo", status="ended", history=[{"seq": 1, "at": LATE}])
        page = store.listed(Search(), limit=1)
        assert page.rows == [Listed("TPA-2026-0002", "third-party-access", "Inyo", "Kern IV-A", "ended", LATE, ())]
        assert (page.offset, page.total, page.more) == (0, 2, False)

    def test_nothing_outside_the_scopes_is_found(self, store: Store) -> None:
        add(store, a_document(1))
        add(store, a_document(2, organization="Kern DA"))
        add(store, a_document(3, lcsa="Inyo", organization="Inyo IV-A"))
        kern, kern_da = Scope("director", lcsa="Kern"), Scope("requestor", "Kern", "Kern DA")
        assert ids(store, Search(scopes=(kern,))) == ["TPA-2026-0002", "TPA-2026-0001"]
        assert ids(store, Search(scopes=(kern_da,))) == ["TPA-2026-0002"]
        assert ids(store, Search(scopes=(kern_da, Scope("requestor", organization="Inyo IV-A")))) == [
            "TPA-2026-0003", "TPA-2026-0002",
        ]  # fmt: skip
        assert ids(store, Search(scopes=(Scope("legal"),), lcsa="Inyo")) == ["TPA-2026-0003"]
        assert ids(store, Search(scopes=())) == []

    def test_documents_are_counted_by_status(self, store: Store) -> None:
        for number, status in enumerate(("active", "active", "ended"), start=1):
            add(store, a_document(number, status=status))
        add(store, a_document(4, lcsa="Inyo"))
        change(store, "TPA-2026-0001", status="ended")
        assert store.count_by_status(Search(lcsa="Kern")) == {"active": 1, "ended": 2}
        assert store.count_by_status(Search(scopes=())) == {}

    def test_documents_are_counted_by_lcsa(self, store: Store) -> None:
        for number, lcsa in enumerate(("Kern", "Inyo", "Kern"), start=1):
            add(store, a_document(number, lcsa=lcsa))
        change(store, "TPA-2026-0003", status="ended")
        assert store.count_by_lcsa(Search()) == {"Kern": 2, "Inyo": 1}
        assert store.count_by_lcsa(Search(statuses=("ended",))) == {"Kern": 1}
        assert store.count_by_lcsa(Search(lcsa="Inyo")) == {"Inyo": 1}
        assert store.count_by_lcsa(Search(process="change-requests")) == {}

    def test_by_name_documents_stand_in_the_order_of_lcsa_organization_and_id(self, store: Store) -> None:
        add(store, a_document(1, lcsa="Kern", organization="Kern IV-A"))
        add(store, a_document(2, lcsa="Inyo", organization="Inyo IV-A", status="active"))
        add(store, a_document(3, lcsa="Kern", organization="Kern DA", status="active"))
        add(store, a_document(4, lcsa="Kern", organization="Kern DA"))
        add(store, a_document(5, lcsa="Mono", process="change-requests"))
        change(store, "TPA-2026-0004", status="ended")
        by_name = Search(process="third-party-access", by_name=True)
        assert [one[-1] for one in ids(store, by_name)] == ["2", "3", "4", "1"]
        page = store.search(by_name, offset=1, limit=2)
        assert ([document["id"][-1] for document in page.rows], page.total) == (["3", "4"], 4)
        assert [one[-1] for one in ids(store, replace(by_name, statuses=("active", "ended")))] == ["2", "3", "4"]
        assert [one[-1] for one in ids(store, replace(by_name, lcsa="Kern"))] == ["3", "4", "1"]
        assert store.search(replace(by_name, lcsa="Kern"), offset=2).total == 3
        assert ids(store, replace(by_name, lcsa="Alpine")) == []

    def test_every_document_that_matches_comes_once_though_others_are_written_meanwhile(self, store: Store) -> None:
        for number in range(1, 251):
            add(store, a_document(number, changed=f"2026-11-01T08:{number // 60:02}:{number % 60:02}Z"))
        add(store, a_document(251, lcsa="Inyo"))
        every = store.every(Search(lcsa="Kern"))
        first = next(every)
        assert first["id"] == "TPA-2026-0250"
        change(store, "TPA-2026-0001", history=[{"seq": 1, "at": LATE}], status="ended")
        add(store, a_document(252))
        rest = list(every)
        assert [document["id"] for document in rest] == [f"TPA-2026-{number:04}" for number in range(249, 0, -1)]
        assert rest[-1]["status"] == "ended"
        assert [one["id"] for one in store.every(Search(words=("inyo",)))] == ["TPA-2026-0251"]
        assert list(store.every(Search(scopes=()))) == []

    def test_every_id_is_told_in_order(self, store: Store) -> None:
        for number in (3, 1, 2):
            add(store, a_document(number))
        assert list(store.document_ids()) == ["TPA-2026-0001", "TPA-2026-0002", "TPA-2026-0003"]

    # Tasks.

    @pytest.mark.process("4")
    def test_the_earliest_goal_stands_first_in_an_inbox_then_the_longest_open(self, store: Store) -> None:
        add(store, a_document(1, open_tasks=[a_task("legal")]))
        add(store, a_document(2, open_tasks=[a_task("legal", goal_on="2026-12-01", since=LATE)]))
        add(store, a_document(3, open_tasks=[a_task("legal", goal_on="2026-12-01", since=EARLY)]))
        add(store, a_document(4, open_tasks=[a_task("legal", goal_on="2026-11-30", since=LATE)]))
        add(store, a_document(5, open_tasks=[a_task("legal", since=LATE)]))
        assert tasks(store, Scope("legal")) == ["4", "3", "2", "1", "5"]

    def test_an_inbox_holds_the_tasks_of_its_roles_and_scopes_each_once(self, store: Store) -> None:
        add(store, a_document(1, open_tasks=[a_task("director"), a_task("legal")]))
        add(store, a_document(2, lcsa="Inyo", organization="Inyo IV-A", open_tasks=[a_task("director")]))
        add(store, a_document(3, organization="Kern DA", open_tasks=[a_task("requestor"), a_task("director")]))
        assert tasks(store, Scope("director")) == ["1", "2", "3"]
        assert tasks(store, Scope("director", "Kern")) == ["1", "3"]
        assert tasks(store, Scope("director", organization="Kern DA")) == ["3"]
        assert tasks(store, Scope("requestor", "Kern", "Kern IV-A")) == []
        assert tasks(store, Scope("director", "Kern"), Scope("director"), Scope("legal")) == ["1", "1", "2", "3"]
        assert tasks(store) == []

    def test_a_task_row_says_whose_task_it_is(self, store: Store) -> None:
        task = a_task("legal", goal_on="2026-12-01", asks="An opinion")
        add(store, a_document(open_tasks=[task]))
        row = store.tasks([Scope("legal")], "2026-11-23").rows[0]
        assert (row.document_id, row.lcsa, row.organization) == ("TPA-2026-0001", "Kern", "Kern IV-A")
        assert (row.status, row.task) == ("identified", task)

    def test_a_task_is_not_shown_before_the_day_on_which_it_opens(self, store: Store) -> None:
        add(store, a_document(open_tasks=[a_task("legal", opens_on="2026-11-24"), a_task("legal", opens_on="")]))
        assert store.tasks([Scope("legal")], "2026-11-23").total == 1
        assert store.tasks([Scope("legal")], "2026-11-24").total == 2

    def test_a_task_that_nobody_waits_for_is_shown_only_when_asked_for(self, store: Store) -> None:
        add(store, a_document(open_tasks=[a_task("legal", waiting=False)]))
        assert store.tasks([Scope("legal")], "2026-11-23").total == 0
        assert store.tasks([Scope("legal")], "2026-11-23", waiting=False).total == 1

    def test_tasks_are_paged_and_leave_when_they_are_taken(self, store: Store) -> None:
        for number in range(1, 6):
            add(store, a_document(number, open_tasks=[a_task("legal", goal_on=f"2026-12-0{number}")]))
        page = store.tasks([Scope("legal")], "2026-11-23", offset=1, limit=2)
        assert [row.document_id[-1] for row in page.rows] == ["2", "3"]
        assert (page.offset, page.total) == (1, 5)
        change(store, "TPA-2026-0002", open_tasks=[a_task("iso")])
        assert tasks(store, Scope("legal")) == ["1", "3", "4", "5"]
        assert tasks(store, Scope("iso")) == ["2"]

    def test_an_inbox_is_searched_by_step_and_by_words(self, store: Store) -> None:
        def found(step: str = "", words: str = "", *scopes: Scope) -> str:
            page = store.tasks(scopes or [Scope("legal")], "2026-11-23", search=TaskSearch(step, tuple(words.split())))
            assert (page.total, page.more) == (len(page.rows), False)
            return " ".join(row.document_id[-1] for row in page.rows)

        add(store, a_document(1, open_tasks=[a_task("legal", goal_on="2026-12-03"), a_task("iso", "legal-opinion")]))
        add(store, a_document(2, lcsa="Inyo", organization="Inyo DA", open_tasks=[a_task("legal", "clarify")]))
        add(store, a_document(3, organization="Kern DA", open_tasks=[a_task("legal", goal_on="2026-12-01")]))
        add(store, a_document(4, organization="Kern DA", open_tasks=[a_task("legal", opens_on="2026-11-24")]))
        add(store, a_document(5, organization="Kern DA", open_tasks=[a_task("legal", opens_on="2026-11-20")]))
        assert found() == "3 1 2 5"
        assert found("legal-opinion") == "3 1 5"
        assert found("clarify") == "2"
        assert found("none") == ""
        assert found("", "da") == "3 2 5"
        assert found("", "KERN da") == "3 5"
        assert found("", "-0001") == "1"
        assert found("legal-opinion", "da") == "3 5"
        assert found("", "nobody") == ""
        assert found("legal-opinion", "", Scope("legal", "Inyo"), Scope("iso")) == "1"
        assert found("", "kern", Scope("legal", organization="Kern DA"), Scope("legal", "Kern")) == "3 1 5"
        assert found("clarify", "", Scope("legal", "Inyo", "Inyo DA"), Scope("legal", "Inyo")) == "2"
        assert found("clarify", "", Scope("legal", "Inyo", "Inyo DA")) == "2"
        assert found("", "da", Scope("iso")) == ""

    def test_a_long_inbox_says_of_what_a_search_finds_that_there_are_more(self, store: Store) -> None:
        of_each = ((1, 5400, "Kern DA"), (5401, 5500, "Kern IV-A"))
        for first, last, organization in of_each:
            numbers = range(first, last + 1)
            store.load([a_document(n, organization=organization, open_tasks=[a_task("legal")]) for n in numbers])
        for search in (TaskSearch(step="legal-opinion"), TaskSearch(words=("da",))):
            page = store.tasks([Scope("legal")], "2026-11-23", offset=25, limit=25, search=search)
            assert [page.rows[0].document_id, page.rows[-1].document_id] == ["TPA-2026-0026", "TPA-2026-0050"]
            assert page.more or page.total >= 5400
            assert page.total >= 150
        page = store.tasks([Scope("legal")], "2026-11-23", search=TaskSearch(words=("iv-a",)))
        assert (page.rows[0].document_id, page.total, page.more) == ("TPA-2026-5401", 100, False)

    def test_tasks_that_open_on_a_later_date_are_told_the_first_first(self, store: Store) -> None:
        def to_come(after: str, *scopes: Scope, limit: int = 5) -> str:
            return " ".join(row.document_id[-1] for row in store.tasks_to_come(scopes, after, limit))

        add(store, a_document(1, open_tasks=[a_task("iso", opens_on="2026-12-24"), a_task("iso")]))
        add(store, a_document(2, lcsa="Inyo", open_tasks=[a_task("iso", opens_on="2026-12-01")]))
        add(store, a_document(3, open_tasks=[a_task("iso", opens_on="2026-12-01", waiting=False)]))
        add(store, a_document(4, organization="Kern DA", open_tasks=[a_task("iso", opens_on="2026-11-24")]))
        add(store, a_document(5, open_tasks=[a_task("legal", opens_on="2026-11-24")]))
        assert to_come("2026-11-23", Scope("iso")) == "4 2 1"
        assert to_come("2026-11-24", Scope("iso"), limit=1) == "2"
        assert to_come("2026-11-23", Scope("iso", "Kern")) == "4 1"
        assert to_come("2026-11-23", Scope("iso", "Kern"), Scope("iso", organization="Kern DA")) == "4 1"
        assert to_come("2026-11-23", Scope("iso", "Kern", "Kern DA")) == "4"
        assert store.tasks([Scope("iso")], "2026-12-01").total == 3
        assert to_come("2026-11-23", Scope("iso")) == "4 2 1"
        assert to_come("2026-12-24", Scope("iso")) == ""
        assert to_come("2026-11-23") == ""

    def test_what_the_date_brings_is_found_the_earliest_first(self, store: Store) -> None:
        for number, day in enumerate(("2026-11-23", "2026-11-22", "2026-11-24", None), start=1):
            opening_on = [a_task("process-manager", "send-invitation", opens_on=day)] * 2
            add(store, a_document(number, open_tasks=opening_on))
        add(store, a_document(5, open_tasks=[a_task("process-manager", "other", opens_on="2026-11-22")]))
        assert store.with_task_due("send-invitation", "2026-11-23") == ["TPA-2026-0002", "TPA-2026-0001"]
        assert store.with_task_due("send-invitation", "2026-11-30", limit=1) == ["TPA-2026-0002"]
        assert store.with_task_due("nothing", "2026-11-30") == []

    def test_what_waits_is_found_by_the_day_on_which_it_began_to_and_by_its_goal(self, store: Store) -> None:
        def found(by: TaskDate, after: str, until: str) -> str:
            return " ".join(row.document_id[-1] for row in store.tasks_by_date(by, after, until))

        add(store, a_document(1, open_tasks=[a_task("legal", since=LATE), a_task("iso", opens_on="2027-03-01")]))
        add(store, a_document(2, open_tasks=[a_task("legal", opens_on="2026-11-01", goal_on="2026-12-01")]))
        add(store, a_document(3, open_tasks=[a_task("legal", opens_on="2026-11-20", waiting=False)]))
        add(store, a_document(4, open_tasks=[a_task("legal", opens_on="2026-11-19", goal_on="2026-11-30")]))
        assert found(TaskDate.BEGAN, "", "2026-11-30") == "2 4 1"
        assert found(TaskDate.BEGAN, "2026-11-02", "2026-11-19") == "4"
        assert found(TaskDate.BEGAN, "2026-11-19", "2027-03-01") == "1 1"
        assert found(TaskDate.GOAL, "2026-11-29", "2026-12-01") == "4 2"
        assert found(TaskDate.GOAL, "", "~~") == "4 2"
        change(store, "TPA-2026-0004", open_tasks=[a_task("legal", opens_on="2026-12-24")])
        assert found(TaskDate.BEGAN, "2026-11-02", "2026-12-24") == "1 4"
        row = next(store.tasks_by_date(TaskDate.GOAL, "", "2026-12-31"))
        assert (row.lcsa, row.organization, row.status, row.task["role"]) == (
            "Kern",
            "Kern IV-A",
            "identified",
            "legal",
        )

    def test_very_many_tasks_of_one_day_come_each_once(self, store: Store) -> None:
        store.load([a_document(number, open_tasks=[a_task("legal")]) for number in range(1, 1102)])
        rows = store.tasks_by_date(TaskDate.BEGAN, "2026-11-01", "2026-11-02")
        assert [row.document_id for row in rows] == list(store.document_ids())

    def test_documents_that_owe_a_notice_are_found_the_longest_owed_first(self, store: Store) -> None:
        owed, sent = {"to": "a@b.example", "sent_at": None}, {"to": "a@b.example", "sent_at": LATE}
        add(store, a_document(1, changed=LATE, notices=[sent, owed]))
        add(store, a_document(2, notices=[sent]))
        add(store, a_document(3, notices=[owed, owed]))
        assert store.with_notices_owed() == ["TPA-2026-0003", "TPA-2026-0001"]
        assert store.with_notices_owed(limit=1) == ["TPA-2026-0003"]
        change(store, "TPA-2026-0003", notices=[sent, sent])
        assert store.with_notices_owed() == ["TPA-2026-0001"]

    def test_everything_is_found_again_after_opening_anew(self, opening: Opening, store: Store) -> None:
        owed = {"to": "a@b.example", "sent_at": None}
        task = a_task("legal", opens_on="2026-11-01")
        kept = add(store, a_document(claims={"o": "1"}, holdings={"u": 2}, open_tasks=[task], notices=[owed]))
        add(store, a_document(2, lcsa="Inyo", changed=LATE, open_tasks=[a_task("legal", goal_on="2026-11-09")]))
        again = opening()
        assert again.get("TPA-2026-0001") == kept
        assert ids(again, Search()) == ["TPA-2026-0002", "TPA-2026-0001"]
        assert tasks(again, Scope("legal")) == ["2", "1"]
        assert again.with_notices_owed() == again.with_task_due("legal-opinion", "2026-11-02") == ["TPA-2026-0001"]
        with again.writing() as writing:
            assert (writing.held("u"), writing.holder("o", "1")) == (2, "TPA-2026-0001")
        again.close()

    def test_what_one_writes_the_other_sees_at_once(self, store: Store, other: Store) -> None:
        add(store, a_document(open_tasks=[a_task("legal")]))
        assert tasks(other, Scope("legal")) == ["1"]
        change(other, "TPA-2026-0001", open_tasks=[], status="invited")
        assert tasks(store, Scope("legal")) == []
        assert store.count_by_status(Search()) == {"invited": 1}

    # Records.

    def test_several_records_come_in_the_order_asked_for_and_a_missing_one_is_none(self, store: Store) -> None:
        for kind, key in (("people", "ana"), ("sessions", "ana"), ("sessions", "y" * 3000)):
            store.put_record(kind, key, {"is": f"{kind}/{key}"})
        places = [("sessions", "y" * 3000), ("people", "bo"), ("people", "ana"), ("sessions", "ana"), ("people", "ana")]
        assert store.get_records(places) == [store.get_record(*place) for place in places]
        assert store.get_records(places[:2]) == [{"is": f"sessions/{'y' * 3000}", "revision": 1}, None]
        assert store.get_records([]) == []
        with store.writing():
            assert store.get_records(places) == [store.get_record(*place) for place in places]

    @pytest.mark.parametrize(
        "key", ["ana@kern.example", "a/b/../c", ".", "..", "~", "%2E", "Ana", "Ñandú 漢字", "x" * 3000, "con\n"]
    )
    def test_a_record_is_kept_under_any_key(self, store: Store, other: Store, key: str) -> None:
        assert store.get_record("people", key) is None
        assert store.put_record("people", key, {"name": "Ana"}) == {"name": "Ana", "revision": 1}
        assert store.put_record("people", key + "2", {"name": "Bo"})["revision"] == 1
        assert other.get_record("people", key) == {"name": "Ana", "revision": 1}
        assert dict(other.records("people")).keys() == {key, key + "2"}
        other.delete_record("people", key)
        other.delete_record("people", key)
        assert store.get_record("people", key) is None

    def test_a_record_is_refused_when_somebody_else_wrote_first(self, store: Store, other: Store) -> None:
        store.put_record("people", "ana", {"name": "Ana"}, expected_revision=0)
        with pytest.raises(Conflict):
            other.put_record("people", "ana", {"name": "Another"}, expected_revision=0)
        other.put_record("people", "ana", {"name": "Ana B"}, expected_revision=1)
        with pytest.raises(Conflict):
            store.put_record("people", "ana", {"name": "Ana C"}, expected_revision=1)
        assert store.put_record("people", "ana", {"name": "Ana D"}) == {"name": "Ana D", "revision": 3}

    def test_a_record_that_is_gone_does_not_hold_an_expected_revision(self, store: Store) -> None:
        with pytest.raises(Conflict):
            store.put_record("people", "ana", {}, expected_revision=1)

    def test_records_are_told_by_kind_and_in_order_of_their_keys(self, store: Store) -> None:
        for key in ("b", "a/b", "a.c", "B", "ä"):
            store.put_record("people", key, {"of": key})
        store.put_record("drafts", "c", {})
        assert [key for key, _ in store.records("people")] == sorted(("b", "a/b", "a.c", "B", "ä"))
        assert dict(store.records("people"))["a/b"] == {"of": "a/b", "revision": 1}
        assert list(store.records("invitations")) == []

    # Files.

    def test_a_file_comes_back_by_its_checksum(self, store: Store, other: Store) -> None:
        for content in (b"", b"%PDF-1.7\n\x00\xff" * 50_000):
            sha256 = store.put_file(content)
            assert sha256 == hashlib.sha256(content).hexdigest() == other.put_file(content)
            assert other.get_file(sha256) == content

    def test_a_file_that_was_not_kept_is_not_found(self, store: Store) -> None:
        for sha256 in ("0" * 64, "../changes", "", "A" * 64):
            with pytest.raises(NotFound):
                store.get_file(sha256)

    # The access log.

    def test_a_log_line_is_numbered_and_chained_to_the_one_before(self, store: Store, other: Store) -> None:
        first = store.append_log({"who": "ana", "did": "sign-in", "from": {"address": "10.0.0.1"}})
        second = other.append_log({"who": "Ñandú"})
        third = store.append_log({"who": "bo"})
        assert [line["seq"] for line in (first, second, third)] == [1, 2, 3]
        assert first["previous"] == "0" * 64
        assert (second["previous"], third["previous"]) == (first["hash"], second["hash"])
        for line in (first, second, third):
            assert line["hash"] == hash_of(line)
        assert list(other.log_lines()) == [first, second, third]

    def test_a_line_of_a_block_of_writing_is_in_the_log_once_the_block_has_ended(
        self, store: Store, other: Store
    ) -> None:
        add(store, a_document())
        store.append_log({"n": 1})
        with store.writing() as writing:
            document = writing.get("TPA-2026-0001")
            writing.append_log({"n": 2})
            writing.append_log({"n": 3})
            writing.replace(document, 1)
        fourth = other.append_log({"n": 4})
        lines = list(other.log_lines())
        assert [(line["seq"], line["n"]) for line in lines] == [(1, 1), (2, 2), (3, 3), (4, 4)]
        assert [line["previous"] for line in lines] == ["0" * 64, *(line["hash"] for line in lines[:3])]
        assert fourth == lines[-1]

    def test_the_log_stays_one_chain_when_a_block_that_added_a_line_ends_with_an_error(self, store: Store) -> None:
        def fail() -> None:
            with store.writing() as writing:
                writing.append_log({"n": "of the block"})
                store.append_log({"n": "beside it"})
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fail()
        last = store.append_log({"n": "after"})
        lines = list(store.log_lines())
        assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
        assert {"beside it", "after"} <= {line["n"] for line in lines}
        assert last == lines[-1]

    def test_no_line_is_added_after_its_block(self, store: Store) -> None:
        with store.writing() as writing:
            pass
        with pytest.raises(RuntimeError):
            writing.append_log({"n": 1})
        assert list(store.log_lines()) == []

    def test_the_log_takes_what_utf_8_cannot(self, store: Store) -> None:
        line = store.append_log({"tried": "\ud800"})
        assert line["tried"] == "?"
        assert list(store.log_lines()) == [line]
        assert line["hash"] == hash_of(line)

    def test_the_newest_log_lines_come_first_paged(self, store: Store) -> None:
        for number in range(5):
            store.append_log({"n": number})
        page = store.log(offset=1, limit=2)
        assert [line["n"] for line in page.rows] == [3, 2]
        assert (page.offset, page.total) == (1, 5)

    def test_log_lines_are_found_by_all_words_in_their_values(self, store: Store) -> None:
        store.append_log({"who": "ana@kern.example", "did": 'said "no" twice'})
        store.append_log({"who": "bo@kern.example", "did": "read", "what": ["TPA-2026-0001"]})
        assert [line["seq"] for line in store.log(words=("KERN",)).rows] == [2, 1]
        assert [line["seq"] for line in store.log(words=("kern", "tpa-2026")).rows] == [2]
        assert [line["seq"] for line in store.log(words=('"no"',)).rows] == [1]
        assert store.log(words=("kern",), limit=1, offset=1).total == 2
        assert store.log(words=("previous",)).total == store.log(words=('","',)).total == 0

    def test_log_lines_are_found_by_values_times_and_words_page_by_page(self, store: Store, other: Store) -> None:
        for hour in range(10, 20):
            who, outcome = ("ana@kern.example", "done") if hour % 2 else ("bo@kern.example", "refused")
            store.append_log(
                {"at": f"2026-11-23T{hour}:00:00Z", "who": who, "outcome": outcome, "did": "read it", "n": hour}
            )

        def found(search: LogSearch, before: int | None = None, limit: int = 100) -> list[int]:
            return [line["n"] for line in other.log_found(search, before, limit)]

        assert found(LogSearch()) == list(range(19, 9, -1))
        assert found(LogSearch(values={"who": "ana@kern.example"})) == [19, 17, 15, 13, 11]
        assert found(LogSearch(values={"who": "ana@kern.example"}), before=8, limit=2) == [17 - 2, 13]
        assert found(LogSearch(values={"who": "ana", "outcome": "done"})) == []
        assert found(LogSearch(values={"outcome": "refused", "who": "bo@kern.example"}, words=("BO@",))) == [
            18,
            16,
            14,
            12,
            10,
        ]
        assert found(LogSearch(since="2026-11-23T12:00:00Z", until="2026-11-23T15:00:00Z")) == [14, 13, 12]
        assert found(LogSearch(values={"did": "read it"}, since="2026-11-23T18:30:00Z")) == [19]
        assert found(LogSearch(values={"record": "none"})) == found(LogSearch(words=("none",))) == []
        assert [line["n"] for line in other.log_lines(after=7)] == [17, 18, 19]
        assert list(other.log_lines(after=10)) == []
        assert not other.log_torn()

    # Copying everything.

    def test_everything_there_is_can_be_told(self, store: Store, other: Store) -> None:
        for number in (2, 1):
            add(store, a_document(number))
        change(other, "TPA-2026-0002", status="invited")
        for kind, key in (("people", "ana"), ("drafts", "x"), ("mail", "gone")):
            store.put_record(kind, key, {})
        store.delete_record("mail", "gone")
        files = sorted(store.put_file(content) for content in (b"one", b"two", b"three"))
        assert list(other.revisions()) == [("TPA-2026-0001", 1), ("TPA-2026-0002", 2)]
        assert list(other.record_kinds()) == ["drafts", "people"]
        assert list(other.file_ids()) == files

    def test_a_restored_document_keeps_its_revision_and_is_found(self, store: Store, other: Store) -> None:
        document = {**a_document(3, open_tasks=[a_task("legal")], claims={"o": "1"}, holdings={"u": 2}), "revision": 7}
        store.restore_document(document)
        assert other.get("TPA-2026-0003") == document
        assert tasks(other, Scope("legal")) == ["3"]
        store.restore_document({**document, "revision": 4, "open_tasks": []})
        assert list(other.revisions()) == [("TPA-2026-0003", 4)]
        assert tasks(other, Scope("legal")) == []
        with pytest.raises(ClaimTaken):
            store.restore_document({**a_document(4, claims={"o": "1"}), "revision": 1})
        with pytest.raises(ValueError, match="revision"):
            store.restore_document(a_document(5))
        with store.writing() as writing:
            assert writing.replace(document, 4)["revision"] == 5
        assert list(store.document_ids()) == ["TPA-2026-0003"]

    def test_a_restored_record_keeps_its_revision(self, store: Store, other: Store) -> None:
        store.put_record("people", "ana", {"name": "Ana"})
        store.restore_record("people", "ana", {"name": "Ana B", "revision": 9})
        assert other.get_record("people", "ana") == {"name": "Ana B", "revision": 9}
        assert other.put_record("people", "ana", {}, expected_revision=9)["revision"] == 10
        with pytest.raises(ValueError, match="revision"):
            store.restore_record("people", "bo", {"name": "Bo"})
        assert store.get_record("people", "bo") is None

    def test_restored_log_lines_are_as_they_were_and_the_log_goes_on(self, opening: Opening, store: Store) -> None:
        lines = [
            {"seq": 1, "previous": "0" * 64, "hash": "a" * 64, "at": "2026-09-30T23:59:59Z", "who": "Ñandú"},
            {"seq": 2, "previous": "a" * 64, "hash": "b" * 64, "at": "2026-10-01T00:00:00Z", "who": "an altered one"},
            {"seq": 4, "previous": "c" * 64, "hash": "d" * 64, "at": "2026-10-02T00:00:00Z", "who": "after a lost one"},
        ]
        store.restore_log_lines(iter(lines[:1]))
        store.restore_log_lines(lines[1:])
        with pytest.raises(ValueError, match="line 4"):
            store.restore_log_lines(lines[2:])
        again = opening()
        assert list(again.log_lines()) == lines
        new = again.append_log({"who": "bo"})
        assert (new["seq"], new["previous"]) == (5, "d" * 64)
        assert [line["seq"] for line in store.log(limit=2).rows] == [5, 4]
        again.close()

    def test_ids_that_were_given_are_told_and_restored(self, opening: Opening, store: Store, other: Store) -> None:
        add(store, a_document(4))
        with store.writing() as writing:
            writing.new_id("TPA", 2026)
            writing.new_id("CR", 2027)
        assert list(other.ids_given()) == ["CR-2027-0001", "TPA-2026-0005"]
        store.restore_id_given("TPA-2026-0009")
        store.restore_id_given("TPA-2026-0002")
        with pytest.raises(ValueError, match="number"):
            store.restore_id_given("TPA")
        with other.writing() as writing:
            assert writing.new_id("TPA", 2026) == "TPA-2026-0010"
        later = opening()
        assert list(later.ids_given()) == ["CR-2027-0001", "TPA-2026-0010"]
        later.close()

    # Looking after it.

    def test_all_is_well_with_a_store_that_nobody_touched(self, store: Store) -> None:
        add(store, a_document())
        store.put_record("people", "ana", {})
        assert store.damaged() == []
        store.check()


def ids(store: Store, search: Search) -> list[str]:
    """The ids of what is found."""
    page = store.search(search)
    assert page.total == len(page.rows)
    listed = store.listed(search)
    assert listed.total == page.total
    assert [one.id for one in listed.rows] == [document["id"] for document in page.rows]
    return [document["id"] for document in page.rows]


def tasks(store: Store, *scopes: Scope) -> list[str]:
    """The last digit of the document of each task."""
    page = store.tasks(scopes, "2026-11-23")
    assert page.total == len(page.rows)
    return [row.document_id[-1] for row in page.rows]


def hash_of(line: Json) -> str:
    """A line's hash, as an auditor with Python and nothing else works it out."""
    rest = {key: value for key, value in line.items() if key != "hash"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
