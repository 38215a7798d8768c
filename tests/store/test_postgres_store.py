"""The PostgreSQL store holds to the contract, and to what a server must bear besides."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import psycopg
import pytest

from portal.store import open_store
from portal.store.errors import Conflict, Damaged, Unavailable
from portal.store.port import Json, Scope, Search, Store
from portal.store.postgres import by_words, finding, inboxes
from tests.store.contract import Opening, StoreContract, ids
from tests.store.contract_processes import ProcessesContract, a_process, add_and_count
from tests.store.documents_made_up import EARLY, LATE, a_document, a_task, add, change
from tools.postgres import Server, find


@pytest.fixture
def opening(postgres_url: str, tmp_path: Path) -> Opening:
    """Opens the store in an empty database."""
    return lambda: open_store(postgres_url, tmp_path)


@pytest.fixture
def store(opening: Opening) -> Iterator[Store]:
    """An empty store."""
    store = opening()
    yield store
    store.close()


class TestPostgresStore(StoreContract, ProcessesContract):
    """The contract."""

    @pytest.fixture
    def opening(self, postgres_url: str, tmp_path: Path) -> Opening:
        """Opens the store in an empty database."""
        return lambda: open_store(postgres_url, tmp_path)


def by_hand(url: str, statement: str, *values: object) -> None:
    """Runs a statement as somebody with psql would."""
    with psycopg.connect(url) as connection:
        connection.execute(statement.encode(), values or None)


def at_once(*works: Callable[[], object]) -> list[object]:
    """What each of these returned or raised, all begun at the same moment, each in a thread of its own."""
    barrier, results = threading.Barrier(len(works)), dict.fromkeys(range(len(works)))

    def run(place: int, work: Callable[[], object]) -> None:
        barrier.wait()
        try:
            results[place] = work()
        except Exception as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=(place, work)) for place, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return list(results.values())


# The tables.


def test_the_tables_are_made_once_by_whoever_comes_first(new_database: Callable[[], str], tmp_path: Path) -> None:
    url = new_database()
    stores = at_once(*[lambda: open_store(url, tmp_path)] * 4)
    for number, store in enumerate(stores, start=1):
        assert not isinstance(store, Exception), store
        add(store, a_document(number))  # type: ignore[arg-type]
        store.close()  # type: ignore[attr-defined]
    again = open_store(url.replace("postgresql://", "postgres://"), tmp_path)
    assert again.search(Search()).total == 4
    again.close()


def test_tables_of_another_version_of_the_portal_are_left_alone(postgres_url: str, opening: Opening) -> None:
    by_hand(postgres_url, "UPDATE portal.schema_version SET version = version + 1")
    try:
        with pytest.raises(Unavailable, match="version 6; this portal knows version 5"):
            opening()
    finally:
        by_hand(postgres_url, "UPDATE portal.schema_version SET version = version - 1")


def test_a_server_that_is_not_there_is_unavailable_and_its_password_is_not_told(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(Unavailable) as refused:
        open_store(f"postgresql://portal:s3cret@/portal?host={tmp_path}", tmp_path)
    assert "s3cret" not in f"{refused.value} {refused.value.__cause__}"
    assert time.monotonic() - started < 10


# The block of writing.


def test_a_block_that_ends_with_an_error_keeps_nothing_of_it_but_the_log_and_the_number(store: Store) -> None:
    add(store, a_document(8, holdings={"uaag/Kern": 1}))
    with pytest.raises(ZeroDivisionError), store.writing() as writing:  # noqa: PT012 - the block is what is tested
        given = writing.new_id("TPA", 2026)
        writing.add({**a_document(holdings={"uaag/Kern": 2}, open_tasks=[a_task("legal")]), "id": given})
        document = writing.get("TPA-2026-0008")
        writing.replace({**document, "status": "active"}, 1)
        store.put_record("requests", "r", {"document": given})
        store.put_file(b"a letter")
        store.append_log({"tried": given})
        raise ZeroDivisionError
    assert ids(store, Search()) == ["TPA-2026-0008"]
    assert store.count_by_status(Search()) == {"identified": 1}
    assert store.tasks([Scope("legal")], "2026-11-23").total == 0
    assert store.get_record("requests", "r") is None
    assert [line["tried"] for line in store.log_lines()] == ["TPA-2026-0009"]
    with store.writing() as writing:
        assert writing.held("uaag/Kern") == 1
        assert writing.new_id("TPA", 2026) == "TPA-2026-0010"


def test_a_block_begins_with_whatever_comes_first_in_it_and_one_with_nothing_in_it_ends(store: Store) -> None:
    kept = store.put_file(b"a letter")
    with store.writing():
        pass
    with pytest.raises(ZeroDivisionError), store.writing():
        raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError), store.writing():  # noqa: PT012 - the block is what is tested
        assert store.get_file(kept) == b"a letter"
        store.put_record("requests", "r", {})
        raise ZeroDivisionError
    assert store.get_record("requests", "r") is None
    with store.writing():
        store.put_record("requests", "r", {})
    assert store.get_record("requests", "r") == {"revision": 1}


def test_after_a_refusal_inside_the_block_the_block_goes_on(store: Store) -> None:
    add(store, a_document(claims={"office-id": "KERN-01"}))
    store.put_record("people", "ana", {})
    with store.writing() as writing:
        with pytest.raises(Conflict):
            writing.add(a_document())
        with pytest.raises(Conflict):
            writing.replace(a_document(), 7)
        with pytest.raises(Conflict):
            store.put_record("people", "ana", {}, expected_revision=0)
        writing.add(a_document(2))
    assert ids(store, Search()) == ["TPA-2026-0002", "TPA-2026-0001"]


@pytest.mark.process("1.6")
def test_two_decisions_at_once_do_not_both_take_the_last_of_a_reserve(store: Store) -> None:
    for number in (1, 2):
        add(store, a_document(number))

    def decide(document_id: str) -> bool:
        with store.writing() as writing:
            document = writing.get(document_id)
            if writing.held("uaag/Kern", besides=document_id) >= 1:
                return False
            time.sleep(0.05)
            writing.replace({**document, "holdings": {"uaag/Kern": 1}}, document["revision"])
            return True

    decided = at_once(lambda: decide("TPA-2026-0001"), lambda: decide("TPA-2026-0002"))
    assert sorted(map(str, decided)) == ["False", "True"]


def test_an_office_id_that_is_asked_for_twice_at_once_is_given_once(store: Store) -> None:
    for number in (1, 2):
        add(store, a_document(number))

    def take(document_id: str) -> bool:
        with store.writing() as writing:
            document = writing.get(document_id)
            if writing.holder("office-id", "KERN-01"):
                return False
            time.sleep(0.05)
            writing.replace({**document, "claims": {"office-id": "KERN-01"}}, document["revision"])
            return True

    taken = at_once(lambda: take("TPA-2026-0001"), lambda: take("TPA-2026-0002"))
    assert sorted(map(str, taken)) == ["False", "True"]


def test_a_form_that_is_sent_twice_at_once_makes_one_document(store: Store) -> None:
    def begin() -> str:
        with store.writing() as writing:
            made = store.get_record("requests", "r")
            if made:
                return str(made["document"])
            time.sleep(0.05)
            kept = writing.add({**a_document(), "id": writing.new_id("TPA", 2026)})
            store.put_record("requests", "r", {"document": kept["id"]})
            return str(kept["id"])

    assert at_once(begin, begin) == ["TPA-2026-0001"] * 2


def test_two_who_wait_for_each_other_do_not_wait_for_ever(store: Store) -> None:
    for number in (1, 2):
        add(store, a_document(number, held=0))
    both_have_one = threading.Barrier(2)

    def change_both(first: str, second: str) -> None:
        with store.writing() as writing:
            one = writing.get(first)
            both_have_one.wait()
            two = writing.get(second)
            for document in (one, two):
                writing.replace({**document, "held": document["held"] + 1}, document["revision"])

    ended = at_once(
        lambda: change_both("TPA-2026-0001", "TPA-2026-0002"), lambda: change_both("TPA-2026-0002", "TPA-2026-0001")
    )
    assert sorted(type(result).__name__ for result in ended) == ["NoneType", "Unavailable"]
    assert [store.get(f"TPA-2026-000{number}")["held"] for number in (1, 2)] == [1, 1]


def test_more_writers_than_connections_wait_their_turn(store: Store) -> None:
    def begin() -> Json:
        with store.writing() as writing:
            return writing.add({**a_document(holdings={"uaag/Kern": 1}), "id": writing.new_id("TPA", 2026)})

    kept = at_once(*[begin] * 40)
    assert [one for one in kept if isinstance(one, Exception)] == []
    assert list(store.document_ids()) == [f"TPA-2026-{number:04d}" for number in range(1, 41)]


# What is kept, and what is found.


def test_a_document_comes_back_to_the_last_digit(store: Store) -> None:
    kept = add(store, a_document(purpose="a\x00b \\u0000", numbers=[1e22, -0.0, 1.5e-7, 0.10, 2**53 + 1, 1e16]))
    assert repr(store.get("TPA-2026-0001")) == repr(kept)
    assert repr(store.search(Search()).rows[0]["numbers"]) == "[1e+22, -0.0, 1.5e-07, 0.1, 9007199254740993, 1e+16]"


def test_a_document_that_could_not_be_found_again_is_refused(store: Store) -> None:
    wrongs: list[Json] = [{"lcsa": "Ke\x00rn"}, {"claims": {"office-id": "\x00"}}, {"open_tasks": [a_task("a\x00")]}]
    for wrong in wrongs:
        with pytest.raises(ValueError, match="NUL"):
            add(store, a_document(**wrong))
    assert ids(store, Search()) == []


def test_what_postgresql_cannot_keep_as_text_is_not_found_and_breaks_nothing(store: Store) -> None:
    add(store, a_document())
    for strange in ("\x00", "\ud800"):
        assert store.search(Search(words=(strange,))).total == store.search(Search(lcsa=strange)).total == 0
        assert store.log(words=(strange,)).total == 0
        with store.writing() as writing:
            assert (writing.holder("office-id", strange), writing.held(strange)) == (None, 0)
    kept = store.put_record("drafts", "a\x00b", {"typed": "c\x00d"})
    assert store.get_record("drafts", "a\x00b") == kept
    assert store.append_log({"tried": "e\x00f"}) == store.log(words=("e",)).rows[0]


def test_a_paper_of_twenty_megabytes_is_kept(store: Store) -> None:
    paper = os.urandom(20 * 1024 * 1024)
    assert store.get_file(store.put_file(paper)) == paper


def test_pages_and_counts_stay_true_through_many_changes(store: Store) -> None:
    for number in range(1, 13):
        tasks = [a_task("legal"), a_task("legal", opens_on="2026-11-20"), a_task("iso", waiting=False)]
        add(store, a_document(number, lcsa=("Kern", "Inyo")[number % 2], open_tasks=tasks[: number % 4]))
    for number in (1, 2, 3, 4):
        change(store, f"TPA-2026-000{number}", lcsa="Mono", status="active", open_tasks=[a_task("legal")])
    scopes = (Scope("legal", "Mono"), Scope("legal", "Inyo"), Scope("legal", None, "Kern IV-A"))
    for several in [(Scope("legal"),), scopes[:1], scopes[:2], scopes, (Scope("legal", "Inyo", "Kern IV-A"),)]:
        page = store.tasks(several, "2026-11-23", limit=100)
        assert page.total == len(page.rows) == len({(row.document_id, row.task["opens_on"]) for row in page.rows}) > 0
        halves = [store.tasks(several, "2026-11-23", offset=offset, limit=3).rows for offset in range(0, 20, 3)]
        assert [row for half in halves for row in half] == page.rows
    for search in (Search(), Search(lcsa="Mono"), Search(scopes=(Scope("", "Inyo"), Scope("", None, "Kern IV-A")))):
        counts = store.count_by_status(search)
        assert sum(counts.values()) == store.search(search).total == len(ids(store, search))
    for search in (Search(words=("in",)), Search(words=("kern", "00"), statuses=("active", "identified"))):
        assert (
            sum(store.count_by_status(search).values())
            == store.search(search, limit=1).total
            == len(ids(store, search))
        )


def test_the_second_half_of_a_long_list_is_the_same_from_its_end(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 12):
        add(store, a_document(number, changed=(EARLY, LATE)[number % 2]))
    whole = ids(store, Search())
    monkeypatch.setattr(finding, "DEEP", 0)
    for limit in (1, 3, 4):
        pages = [store.search(Search(), offset=offset, limit=limit).rows for offset in range(0, 14, limit)]
        assert [document["id"] for page in pages for document in page] == whole


def test_what_words_find_is_counted_so_far_and_no_further(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 8):
        add(store, a_document(number, lcsa=("Kern", "Inyo")[number % 2]))
    monkeypatch.setattr(by_words, "COUNTED", 1)
    monkeypatch.setattr(by_words, "SHORT", 0)
    for search in (Search(words=("iv-a",)), Search(words=("iv-a",), statuses=("identified",))):
        page = store.search(search, offset=1, limit=2)
        assert ([one["id"][-1] for one in page.rows], page.total, page.more) == (["6", "5"], 4, True)
        page = store.listed(search, offset=4, limit=2)
        assert ([one.id[-1] for one in page.rows], page.total, page.more) == (["3", "2"], 7, False)
    page = store.search(Search(words=("inyo", "0007")))
    assert (len(page.rows), page.total, page.more) == (1, 1, False)


@pytest.mark.parametrize("short", [0, by_words.SHORT])
@pytest.mark.parametrize("walked", [0, 1, by_words._WALKED])
@pytest.mark.parametrize("counted", [0, 3, by_words.COUNTED])
def test_words_find_the_same_whichever_way(
    store: Store, monkeypatch: pytest.MonkeyPatch, short: int, walked: int, counted: int
) -> None:
    for number in range(1, 13):
        name = ("Cañada IV-A", "Strasse DA", "Straße DA", "Kern Office 12")[number % 4]
        changed = (EARLY, LATE)[number % 3 % 2]
        add(store, a_document(number, lcsa=("Kern", "Inyo")[number % 2], organization=name, changed=changed))
    monkeypatch.setattr(by_words, "SHORT", short)
    monkeypatch.setattr(by_words, "_WALKED", walked)
    monkeypatch.setattr(by_words, "_WALKED_BY_ROW", min(walked, 20))
    monkeypatch.setattr(by_words, "COUNTED", counted)
    every = store.search(Search()).rows
    for words in ("CAÑ", "strasse", "straße", "-a", "office 1", "KERN", "2026-0007", "-000", "26_00", "x"):
        for lcsa, offset in product((None, "Kern"), (0, 1, 2)):
            wanted = [
                one["id"]
                for one in every
                for text in [f"{one['id']}\n{one['lcsa']}\n{one['organization']}".casefold()]
                if lcsa in (None, one["lcsa"]) and all(word.casefold() in text for word in words.split())
            ]
            page = store.listed(Search(words=tuple(words.split()), lcsa=lcsa), offset, 2)
            assert [one.id for one in page.rows] == wanted[offset : offset + 2], (words, lcsa, offset)
            assert page.total == len(wanted) or (page.more and offset + 2 + counted == page.total < len(wanted))


def test_tasks_that_open_on_a_date_are_counted_so_far_and_no_further(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 7):
        on = (None, "2026-11-20", "2026-11-24")[number % 3]
        add(store, a_document(number, open_tasks=[a_task("legal", opens_on=on, goal_on=f"2026-12-0{number}")]))
    monkeypatch.setattr(inboxes, "COUNTED", 1)
    page = store.tasks((Scope("legal"),), "2026-11-23", offset=1, limit=2)
    assert ([row.document_id[-1] for row in page.rows], page.total, page.more) == (["3", "4"], 3, True)
    page = store.tasks((Scope("legal"),), "2026-11-19")
    assert ([row.document_id[-1] for row in page.rows], page.total, page.more) == (["3", "6"], 2, False)


# Damage by hand.


@pytest.mark.parametrize(
    "damage",
    [
        "body = '{}'",
        "body = '\"gone\"'",
        "body = (body::jsonb - 'history')::json",
        "body = jsonb_set(body::jsonb, '{status}', '\"active\"')::json",
        "status = 'active'",
        "revision = 7",
    ],
)
def test_a_document_damaged_by_hand_is_named_and_the_rest_goes_on(postgres_url: str, store: Store, damage: str) -> None:
    for number in (1, 2):
        add(store, a_document(number, open_tasks=[a_task("legal")], holdings={"uaag/Kern": 2 - number}))
    by_hand(postgres_url, f"UPDATE portal.documents SET {damage} WHERE id = 'TPA-2026-0001'")  # noqa: S608
    with pytest.raises(Damaged):
        store.get("TPA-2026-0001")
    with pytest.raises(Damaged):
        change(store, "TPA-2026-0001", status="invited")
    assert [key for key, _ in store.damaged()] == ["TPA-2026-0001"]
    assert ids(store, Search()) == ids(store, Search(words=("kern",))) == ["TPA-2026-0002"]
    assert sum(store.count_by_status(Search()).values()) == 1
    assert list(store.document_ids()) == ["TPA-2026-0001", "TPA-2026-0002"]
    change(store, "TPA-2026-0002", status="invited")
    store.restore_document({**a_document(1, open_tasks=[a_task("legal")], holdings={"uaag/Kern": 2}), "revision": 3})
    assert store.damaged() == []
    assert store.count_by_status(Search()) == {"identified": 1, "invited": 1}
    assert store.tasks([Scope("legal")], "2026-11-23").total == 2
    with store.writing() as writing:
        assert writing.held("uaag/Kern") == 2


def test_documents_are_counted_anew_only_when_a_damaged_one_is_put_back(postgres_url: str, store: Store) -> None:
    for number in (1, 2):
        add(store, a_document(number))
    by_hand(postgres_url, "UPDATE portal.document_counts SET number = number + 5 WHERE number > 0")
    off = store.count_by_status(Search())["identified"]
    assert off > 2
    store.restore_document({**a_document(1, status="invited"), "revision": 4})
    assert store.count_by_status(Search()) == {"identified": off - 1, "invited": 1}
    by_hand(postgres_url, "UPDATE portal.documents SET status = 'active' WHERE id = 'TPA-2026-0002'")
    store.restore_document({**a_document(2), "revision": 2})
    assert store.count_by_status(Search()) == {"identified": 1, "invited": 1}


def test_a_file_damaged_by_hand_is_told_from_a_whole_one_and_healed_when_kept_again(
    postgres_url: str, store: Store
) -> None:
    sha256 = store.put_file(b"a letter")
    by_hand(postgres_url, "UPDATE portal.files SET content = 'another'")
    with pytest.raises(Damaged):
        store.get_file(sha256)
    assert store.put_file(b"a letter") == sha256
    assert store.get_file(sha256) == b"a letter"


# A server that goes away and comes back.


@pytest.fixture(scope="module")
def own_server() -> Iterator[Server]:
    """A server that these tests may stop, and start again."""
    server = Server(find())
    try:
        server.start()
        yield server
    finally:
        server.remove()


def test_the_portal_goes_on_after_the_server_was_stopped_and_started_in_mid_use(
    own_server: Server, tmp_path: Path
) -> None:
    store = open_store(own_server.new_database(), tmp_path)
    for number in range(1, 7):
        add(store, a_document(number, counted=0))
    acknowledged, attempted, refused = ([0] * 6 for _ in range(3))
    over = threading.Event()

    def work(place: int) -> None:
        while not over.is_set():
            attempted[place] += 1
            try:
                with store.writing() as writing:
                    document = writing.get(f"TPA-2026-000{place + 1}")
                    writing.replace({**document, "counted": document["counted"] + 1}, document["revision"])
                store.append_log({"place": place})
            except Unavailable:
                refused[place] += 1
                time.sleep(0.02)
            else:
                acknowledged[place] += 1

    threads = [threading.Thread(target=work, args=(place,)) for place in range(6)]
    for thread in threads:
        thread.start()
    try:
        for crash in (False, True):
            time.sleep(0.3)
            own_server.stop(at_once=crash)
            with pytest.raises(Unavailable):
                store.check()
            own_server.start()
            before, back = list(acknowledged), time.monotonic()
            while any(now == then for now, then in zip(acknowledged, before, strict=True)):
                assert time.monotonic() - back < 10, "the portal does not go on"
                time.sleep(0.02)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    store.check()
    counted = [store.get(f"TPA-2026-000{number}")["counted"] for number in range(1, 7)]
    assert all(refused), "nobody noticed"
    assert all(kept >= told for kept, told in zip(counted, acknowledged, strict=True)), "lost"
    assert all(kept <= tried for kept, tried in zip(counted, attempted, strict=True))
    lines = list(store.log_lines())
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert len(lines) >= sum(acknowledged)
    assert store.damaged() == []
    store.close()


def test_connections_that_the_server_closed_meanwhile_trouble_nobody(own_server: Server, tmp_path: Path) -> None:
    store = open_store(own_server.new_database(), tmp_path)
    at_once(*[lambda: add_slowly(store)] * 8)
    own_server.stop()
    own_server.start()
    assert [result for result in at_once(*[store.check] * 8) if result is not None] == []
    add(store, a_document())
    store.close()


def add_slowly(store: Store) -> None:
    with store.writing():
        time.sleep(0.05)


def test_a_server_that_forks_after_opening_the_store_shares_no_connection(store: Store) -> None:
    add(store, a_document(counted=0))
    processes = [a_process(add_and_count, lambda: Borrowed(store), 10) for _ in range(2)]
    for process in processes:
        process.join(30)
    assert [process.exitcode for process in processes] == [0, 0]
    assert store.get("TPA-2026-0001")["counted"] == 20


class Borrowed:
    """The parent's store, used by a child as a worker uses the one that was opened before it was made."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


def test_a_writer_that_is_killed_in_its_block_leaves_nothing_half_done(opening: Opening, store: Store) -> None:
    add(store, a_document())

    def die() -> None:
        with opening().writing() as writing:
            document = writing.get("TPA-2026-0001")
            writing.replace({**document, "status": "active", "open_tasks": [a_task("legal")]}, 1)
            os.kill(os.getpid(), signal.SIGKILL)

    a_process(die).join(10)
    assert change(store, "TPA-2026-0001", status="invited")["revision"] == 2
    assert store.tasks([Scope("legal")], "2026-11-23").total == 0
    assert store.count_by_status(Search()) == {"invited": 1}
