"""The default store holds to the contract, and to what a folder of files must bear besides."""

import errno
import itertools
import json
import os
import resource
import signal
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import tinydb

from portal.store import open_store
from portal.store.changes import LONGEST
from portal.store.errors import Conflict, Damaged, Unavailable
from portal.store.folder_lock import FolderLock
from portal.store.port import Json, LogSearch, Scope, Search, Store
from tests.store.contract import Opening, StoreContract, ids, tasks
from tests.store.contract_processes import ProcessesContract, a_process
from tests.store.documents_made_up import a_document, a_task, add, change


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder that is not there yet."""
    return tmp_path / "fresh" / "data"


@pytest.fixture
def opening(data: Path) -> Opening:
    """Opens the store under the data folder."""
    return lambda: open_store("tinydb:", data)


@pytest.fixture
def store(opening: Opening) -> Iterator[Store]:
    """An empty store."""
    store = opening()
    yield store
    store.close()


class TestTinyDBStore(StoreContract, ProcessesContract):
    """The contract."""

    @pytest.fixture
    def opening(self, data: Path) -> Opening:
        """Opens the store under the data folder."""
        return lambda: open_store("tinydb:", data)


# What is where.


def test_a_document_is_a_file_that_tinydb_itself_can_read(data: Path, store: Store) -> None:
    kept = add(store, a_document())
    with tinydb.TinyDB(data / "documents" / "TPA-2026-0001.json", access_mode="r") as database:
        assert database.all() == [kept]


def test_the_url_may_name_another_folder(data: Path, tmp_path: Path) -> None:
    store = open_store(f"tinydb:{tmp_path}/else where", data)
    add(store, a_document())
    store.close()
    assert (tmp_path / "else where" / "documents" / "TPA-2026-0001.json").exists()
    assert not data.exists()


def test_any_other_url_is_refused_without_telling_its_password(data: Path) -> None:
    for url in ("", "tinydb:elsewhere", "mysql://portal:s3cret@localhost/portal"):
        with pytest.raises(ValueError, match="PORTAL_STORE is 'tinydb:'") as refused:
            open_store(url, data)
        assert "s3cret" not in str(refused.value)


def test_an_id_that_cannot_be_a_files_name_is_refused(data: Path, store: Store) -> None:
    for document_id in ("../TPA-2026-0001", "", ".hidden", "a/b", "a\n", "x" * 300):
        with pytest.raises(ValueError, match="cannot be a document's id"):
            add(store, {**a_document(), "id": document_id})
    assert list((data / "documents").iterdir()) == []


# Several processes.


def die_after_the_rename(opening: Opening, status: str) -> None:
    """Replaces the document, and is killed after its file was replaced, before it could tell anybody."""
    store, rename = opening(), os.rename

    def last_act(*paths: Any) -> None:
        rename(*paths)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(os, "rename", last_act)  # noqa: B010 - in this process alone, which has nothing else to do
    change(store, "TPA-2026-0001", status=status)


def test_what_a_writer_wrote_before_it_was_killed_is_seen_at_once_and_repaired_by_the_next(
    data: Path, opening: Opening, store: Store
) -> None:
    add(store, a_document())
    for status in ("invited", "applying"):
        process = a_process(die_after_the_rename, opening, status)
        process.join(10)
        assert process.exitcode == -signal.SIGKILL
        assert (data / "changes").read_text().splitlines()[-1] == "begin TPA-2026-0001"
        assert store.count_by_status(Search()) == {status: 1}
        later = opening()
        assert later.count_by_status(Search()) == {status: 1}
        later.close()
    add(store, a_document(2))
    assert (data / "changes").read_text().splitlines()[-3:] == [
        "end TPA-2026-0001", "begin TPA-2026-0002", "end TPA-2026-0002",
    ]  # fmt: skip


def test_what_a_killed_writer_left_does_not_shut_out_readers_when_the_disk_is_full(
    opening: Opening, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(store, a_document())
    a_process(die_after_the_rename, opening, "invited").join(10)
    # The first call opens the lock; the second would end what was begun.
    disk = FailingDisk(monkeypatch, 1, errno.ENOSPC)
    with store.writing() as writing:
        assert writing.get("TPA-2026-0001")["status"] == "invited"
    assert store.count_by_status(Search()) == {"invited": 1}
    assert disk.failed == "open"
    monkeypatch.undo()
    add(store, a_document(2))
    assert store.count_by_status(Search()) == {"invited": 1, "identified": 1}


def test_half_a_line_of_a_killed_writer_misleads_nobody(data: Path, opening: Opening, store: Store) -> None:
    add(store, a_document())
    with (data / "changes").open("a") as changes:
        changes.write("end TPA-20")
    other = opening()
    assert ids(other, Search()) == ["TPA-2026-0001"]
    add(store, a_document(2))
    assert ids(other, Search()) == ["TPA-2026-0002", "TPA-2026-0001"]
    assert "TPA-20\n" not in (data / "changes").read_text()
    other.close()


def test_changes_are_begun_anew_when_long_and_nobody_misses_one(data: Path, opening: Opening, store: Store) -> None:
    add(store, a_document())
    with store.writing() as writing:
        writing.new_id("TPA", 2026)
        given = writing.new_id("TPA", 2026)
    other, idle = opening(), opening()
    assert ids(other, Search()) == ["TPA-2026-0001"]
    change(store, "TPA-2026-0001", status="invited")
    with (data / "changes").open("a") as changes:
        changes.write("end TPA-2026-0001\n" * (LONGEST // 18 + 1))
    add(store, a_document(2, status="active"))
    assert (data / "changes").read_text() == f"given {given}\nbegin TPA-2026-0002\nend TPA-2026-0002\n"
    assert other.count_by_status(Search()) == idle.count_by_status(Search()) == {"invited": 1, "active": 1}
    add(other, a_document(9))
    assert ids(store, Search()) == ids(idle, Search()) == ["TPA-2026-0009", "TPA-2026-0002", "TPA-2026-0001"]
    for opened in (other, idle):
        opened.close()


def test_a_writer_gives_up_when_others_write_too_long(tmp_path: Path) -> None:
    first, second = (FolderLock(tmp_path / ".lock", patience=0.05) for _ in range(2))
    with first.held(), pytest.raises(Unavailable), second.held():
        pass  # pragma: no cover
    with second.held():
        pass


# A disk that fails.

CALLS = ("open", "write", "fsync", "link", "rename", "ftruncate")


class FailingDisk:
    """From here on the operating system fails the nth call that writes, with this error, once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, nth: int, error: int) -> None:
        self.left, self.error, self.failed = nth, error, ""
        for name in CALLS:
            monkeypatch.setattr(os, name, self._failing(name, getattr(os, name)))

    def _failing(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **keys: Any) -> Any:
            writes = name != "open" or arguments[1] & (os.O_WRONLY | os.O_RDWR | os.O_DIRECTORY)
            if writes:
                self.left -= 1
                if self.left == -1:
                    self.failed = name
                    raise OSError(self.error, os.strerror(self.error))
            return real(*arguments, **keys)

        return call


def failing_everywhere(act: Callable[[], object], unchanged: Callable[[], object], error: int) -> list[str]:
    """Fails each system call of the act in turn; each time the act is refused and all is as before. What was failed."""
    failed: list[str] = []
    for nth in range(100):
        before = unchanged()
        with pytest.MonkeyPatch.context() as monkeypatch:
            disk = FailingDisk(monkeypatch, nth, error)
            try:
                act()
            except Unavailable:
                refused = True
            else:
                refused = False
        if not disk.failed:
            return failed
        failed.append(disk.failed)
        if refused:
            assert unchanged() == before, f"{disk.failed}, call {nth}"
        else:
            assert unchanged() != before, f"{disk.failed}, call {nth}"
    raise AssertionError("the act never came to its end")


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC, errno.EROFS, errno.EACCES], ids=errno.errorcode.get)
def test_a_failing_disk_leaves_documents_and_index_as_before(
    data: Path, opening: Opening, store: Store, error: int
) -> None:
    add(store, a_document(claims={"o": "1"}, holdings={"u": 1}, open_tasks=[a_task("legal")]))
    other = opening()

    def everything() -> list[object]:
        seen: list[object] = []
        for opened in (store, other):
            with opened.writing() as writing:
                seen += [writing.held("u"), writing.holder("o", "1"), writing.holder("o", "2")]
            seen += [opened.search(Search()).rows, tasks(opened, Scope("legal")), list(opened.document_ids())]
        return seen

    def replace() -> None:
        change(store, "TPA-2026-0001", claims={"o": "2"}, holdings={"u": 2}, open_tasks=[], status="invited")

    failed = failing_everywhere(replace, everything, error)
    assert set(failed) >= {"open", "write", "fsync", "link", "rename"}
    assert failed.count("fsync") == 2  # of the file and of its folder
    numbers = iter(range(2, 100))
    failing_everywhere(lambda: add(store, a_document(next(numbers), status="invited")), everything, error)
    assert everything()[:6] == everything()[6:]
    assert sorted(path.stem for path in (data / "documents").iterdir()) == list(store.document_ids())
    other.close()


def test_a_document_that_could_not_be_put_back_is_found_as_its_file_has_it(
    opening: Opening, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(store, a_document(status="identified"))
    other = opening()
    for name in ("fsync", "rename"):  # the folder's, after the file's own; and the one that would put it back
        monkeypatch.setattr(os, name, only_once(getattr(os, name)))
    with pytest.raises(Unavailable):
        change(store, "TPA-2026-0001", status="invited")
    monkeypatch.undo()
    assert store.get("TPA-2026-0001")["status"] == "invited"
    for opened in (store, other):
        assert dict(opened.count_by_status(Search())) == {"invited": 1}
    other.close()


def test_without_the_file_of_changes_numbers_go_on_after_those_of_the_documents(
    data: Path, opening: Opening, store: Store
) -> None:
    add(store, a_document(7))
    (data / "changes").unlink()
    other = opening()
    with other.writing() as writing:
        assert writing.new_id("TPA", 2026) == "TPA-2026-0008"
    other.close()


def only_once(real: Callable[..., Any]) -> Callable[..., Any]:
    """The call, which fails from the second time on."""
    calls = itertools.count()

    def call(*arguments: Any) -> Any:
        if next(calls):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(*arguments)

    return call


def test_a_failing_disk_leaves_records_files_and_log_as_before(data: Path, store: Store) -> None:
    store.put_record("people", "ana", {"name": "Ana"})
    store.append_log({"n": 0})
    failing_everywhere(
        lambda: store.put_record("people", "ana", {"name": "Bo"}), lambda: store.get_record("people", "ana"), errno.EIO
    )
    failing_everywhere(lambda: store.append_log({"n": 1}), lambda: list(store.log_lines()), errno.ENOSPC)
    failing_everywhere(lambda: store.put_file(b"%PDF"), lambda: sorted(data.glob("files/*/*")), errno.ENOSPC)
    line = store.append_log({})
    assert [kept["seq"] for kept in store.log_lines()] == list(range(1, line["seq"] + 1))
    assert not list(data.rglob(".writing*"))


def test_a_disk_that_is_really_full_in_mid_file_leaves_the_document_as_before(data: Path, store: Store) -> None:
    before = add(store, a_document())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, hard))
    try:
        with pytest.raises(Unavailable):
            change(store, "TPA-2026-0001", purpose="x" * 10_000)
        with pytest.raises(Unavailable):
            store.append_log({"purpose": "x" * 10_000})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert store.get("TPA-2026-0001") == before
    assert store.append_log({})["seq"] == len(list(store.log_lines())) == 1
    assert os.listdir(data / "documents") == ["TPA-2026-0001.json"]


def test_the_store_says_so_when_it_cannot_be_written(store: Store) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        with pytest.raises(Unavailable):
            store.check()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    store.check()


# Damage.


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"_default": {}}', '{"_default": {"1": {"id": "TPA-1"}}}'])
def test_everything_goes_on_beside_a_damaged_document(data: Path, opening: Opening, content: str) -> None:
    first = opening()
    for number in (1, 2, 3):
        add(first, a_document(number, open_tasks=[a_task("legal")]))
    (data / "documents" / "TPA-2026-0002.json").write_text(content)
    second = opening()
    for store in (first, second):
        with pytest.raises(Damaged) as found:
            store.get("TPA-2026-0002")
        assert (found.value.what, found.value.key) == ("document", "TPA-2026-0002")
        assert [document["id"] for document in store.search(Search()).rows] == ["TPA-2026-0003", "TPA-2026-0001"]
        assert [key for key, _ in store.damaged()] == ["TPA-2026-0002"]
        assert tasks(store, Scope("legal")) == ["1", "3"]
        assert len(list(store.document_ids())) == 3
        with pytest.raises(Damaged):
            change(store, "TPA-2026-0002", status="invited")
        with pytest.raises(Conflict):
            add(store, a_document(2))
        store.append_log({})
        change(store, "TPA-2026-0001", status="invited")
    with second.writing() as writing:
        assert writing.new_id("TPA", 2026) == "TPA-2026-0004"
    for store in (first, second):
        store.close()


def test_a_document_that_was_put_right_again_is_no_longer_damaged(data: Path, opening: Opening, store: Store) -> None:
    add(store, a_document())
    path = data / "documents" / "TPA-2026-0001.json"
    content = path.read_bytes()
    path.write_bytes(content[:50])
    assert [key for key, _ in store.damaged()] == ["TPA-2026-0001"]
    path.write_bytes(content)
    assert store.damaged() == []
    assert ids(store, Search()) == ["TPA-2026-0001"]


def test_a_damaged_record_is_named_and_left_out_of_its_kind(data: Path, store: Store) -> None:
    for key in ("ana", "bo", "x" * 300):
        store.put_record("people", key, {})
    for path in (data / "records" / "people").iterdir():
        if path.name != "bo.json":
            path.write_text('{"key": "bo", "record": {"revision": 1}}')
    with pytest.raises(Damaged):
        store.get_record("people", "ana")
    with pytest.raises(Damaged):
        store.put_record("people", "ana", {}, expected_revision=1)
    assert [key for key, _ in store.records("people")] == ["bo"]
    assert len(store.damaged()) == 2
    assert store.damaged()[0][0] == "people/ana"
    store.put_record("people", "ana", {"name": "Ana"})
    assert len(store.damaged()) == 1


def test_a_file_that_was_altered_is_damaged_until_it_is_kept_again(data: Path, store: Store) -> None:
    sha256 = store.put_file(b"%PDF-1.7")
    (data / "files" / sha256[:2] / sha256).write_bytes(b"%PDF-1.8")
    with pytest.raises(Damaged):
        store.get_file(sha256)
    store.put_file(b"%PDF-1.7")
    assert store.get_file(sha256) == b"%PDF-1.7"


# The access log's files.


def log_file(data: Path) -> Path:
    """The newest file of the log."""
    return max((data / "access-log").iterdir())


def test_half_a_log_line_is_no_line_and_the_next_starts_afresh(data: Path, opening: Opening, store: Store) -> None:
    first = store.append_log({"n": 1})
    with log_file(data).open("a") as file:
        file.write('{"n": 2, "seq"')
    assert list(store.log_lines()) == store.log().rows == [first]
    other = opening()
    second = other.append_log({"n": 3})
    other.close()
    assert list(store.log_lines()) == [first, second]
    assert second["previous"] == first["hash"]


def test_a_damaged_log_line_is_named_and_the_log_goes_on(data: Path, opening: Opening) -> None:
    store = opening()
    lines = [store.append_log({"n": number}) for number in range(3)]
    store.close()
    content = log_file(data).read_bytes().splitlines(keepends=True)
    log_file(data).write_bytes(content[0] + content[1] + content[2][:30] + b"\n")
    again = opening()
    fourth = again.append_log({"n": 4})
    assert (fourth["seq"], fourth["previous"]) == (4, lines[1]["hash"])
    assert again.log().rows == [fourth, lines[1], lines[0]]
    told: list[Json] = []
    with pytest.raises(Damaged, match="line 3"):
        told.extend(again.log_lines())
    assert told == lines[:2]
    again.close()


def test_the_log_goes_on_in_a_new_file_each_month_and_never_in_an_older_one(data: Path, opening: Opening) -> None:
    store = opening()
    lines = [store.append_log({"n": number}) for number in range(3)]
    log_file(data).rename(data / "access-log" / "2025-01.jsonl")
    with (data / "access-log" / "2025-01.jsonl").open("a") as file:
        file.write('{"half')
    lines.append(store.append_log({"n": 3}))
    assert len(list((data / "access-log").iterdir())) == 2
    log_file(data).rename(data / "access-log" / "9999-12.jsonl")
    lines.append(store.append_log({"n": 4}))
    assert len(list((data / "access-log").iterdir())) == 2
    assert list(store.log_lines()) == lines
    assert store.log(limit=4).rows == lines[:0:-1]
    assert all(line["previous"] == before["hash"] for before, line in pairwise(lines))
    store.close()


def test_long_log_lines_are_read_from_the_back_whole(store: Store) -> None:
    lines = [store.append_log({"n": n, "did": "é" * n * 7_000}) for n in range(12)]
    assert store.log().rows == lines[::-1]
    assert store.log(words=("é" * 70_000,)).rows == lines[:9:-1]


# What a kill leaves behind.


def test_only_old_temporary_files_are_cleaned_up_at_the_start(data: Path, opening: Opening, store: Store) -> None:
    store.put_record("people", "ana", {})
    old, new = [], []
    for folder in ("documents", "records/people", "files"):
        old.append(data / folder / ".writing-old")
        new.append(data / folder / ".writing-new")
    for path in old + new:
        path.write_text("half")
    for path in old:
        os.utime(path, (time.time() - 4000,) * 2)
    again = opening()
    assert [path.exists() for path in old] == [False] * 3
    assert [path.exists() for path in new] == [True] * 3
    assert again.damaged() == []
    assert list(again.document_ids()) == []
    again.close()


def test_a_document_file_is_never_seen_half_written(data: Path, store: Store) -> None:
    add(store, a_document())
    path = data / "documents" / "TPA-2026-0001.json"
    with path.open("rb") as before:
        change(store, "TPA-2026-0001", status="invited")
        assert json.load(before)["_default"]["1"]["status"] == "identified"
    assert json.loads(path.read_bytes())["_default"]["1"]["status"] == "invited"


def test_a_restored_document_takes_the_place_of_a_damaged_one(data: Path, store: Store, opening: Opening) -> None:
    kept = add(store, a_document(open_tasks=[a_task("legal")]))
    (data / "documents" / "TPA-2026-0001.json").write_text('{"_default": {"1"')
    other = opening()
    assert [key for key, _ in other.damaged()] == [key for key, _ in store.damaged()] == ["TPA-2026-0001"]
    store.restore_document(kept)
    for each in (store, other):
        assert each.get("TPA-2026-0001") == kept
        assert each.damaged() == []
        assert tasks(each, Scope("legal")) == ["1"]
    other.close()


def test_lines_are_found_from_any_place_on_in_files_of_any_size(data: Path, store: Store) -> None:
    lines = []
    for number in range(1, 301):
        at = f"2026-{9 + number // 120:02d}-01T00:00:{number % 60:02d}Z"
        lines.append(
            store.append_log({"at": at, "who": "ana" if number % 50 == 0 else "bo", "why": "x" * (number * 7)})
        )
    assert len(list((data / "access-log").iterdir())) == 3
    for place in (0, 1, 2, 118, 119, 120, 121, 238, 240, 299, 300, 301):
        assert list(store.log_lines(place)) == lines[place:]
        assert store.log_found(LogSearch(), before=place, limit=3) == lines[max(0, place - 4) : max(0, place - 1)][::-1]
        of_ana = [line for line in lines if line["who"] == "ana" and line["seq"] < place][::-1]
        assert store.log_found(LogSearch(values={"who": "ana"}), before=place) == of_ana
