"""Everything that the portal keeps comes back from a backup, and arrives in another store, to the letter."""

import gzip
import json
import os
import signal
import stat
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from portal import keeping, verify
from portal.process.document import SCHEMA, Json
from portal.store import open_store
from portal.store.as_read import as_kept
from portal.store.port import Search, Store
from tests.conftest import MORNING, House
from tests.store.contract_processes import a_process, kill
from tests.store.documents_made_up import a_document, add, change


def everything(store: Store) -> dict[str, Any]:
    """All that a store holds, as one value to compare."""
    return {
        "documents": [store.get(document_id) for document_id in store.document_ids()],
        "found": [document["id"] for document in store.search(Search(), limit=1000).rows],
        "records": {kind: dict(store.records(kind)) for kind in store.record_kinds()},
        "log": list(store.log_lines()),
        "files": {sha256: store.get_file(sha256) for sha256 in store.file_ids()},
        "ids given": list(store.ids_given()),
    }


def flask(house: House, *arguments: object) -> Result:
    with house.app.app_context():
        return house.app.test_cli_runner().invoke(args=[str(argument) for argument in arguments])


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Store]:
    """A store with something of every sort in it."""
    store = open_store("tinydb:", tmp_path / "filled")
    for number in range(1, 6):
        add(store, a_document(number, claims={"office-id": f"KERN-{number}"}, purpose="Ñandú \u2028 漢字"))
    change(store, "TPA-2026-0002", status="invited")
    with store.writing() as writing:
        writing.new_id("TPA", 2026)
    for key in ("ana@kern.example", "a/b/../c", "x" * 3000):
        store.put_record("people", key, {"name": "Ana"})
    store.put_record("people", "ana@kern.example", {"name": "Ana B"})
    for content in (b"", b"%PDF-1.7\n" * 50_000):
        store.put_file(content)
    store.restore_log_lines({"seq": seq, "hash": "x", "at": "2026-11-01T00:00:00Z"} for seq in (1, 2))
    store.append_log({"who": "bo", "at": "2026-11-02T00:00:00Z"})
    yield store
    store.close()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Store]:
    """Another store, with nothing in it."""
    store = open_store("tinydb:", tmp_path / "empty")
    yield store
    store.close()


def backed_up(store: Store, tmp_path: Path) -> Path:
    path = tmp_path / "backup.tar.gz"
    assert keeping.back_up(store, tmp_path / "filled", path, MORNING).wrong == ()
    return path


# Backup and restore.


def test_an_application_comes_back_from_a_backup_with_its_letters_and_goes_on(
    house: House, make_house: Callable[..., House], tmp_path: Path
) -> None:
    document = house.application_after("send-decision")
    file = tmp_path / "backups" / "portal.tar.gz"
    file.parent.mkdir()
    made = flask(house, "backup", file)
    assert made.exit_code == 0, made.output
    (tmp_path / "restored").mkdir()
    other = make_house(name="restored")
    restored = flask(other, "restore", file)
    assert restored.exit_code == 0, restored.output
    before, after = everything(as_kept(house.portal.store)), everything(as_kept(other.portal.store))
    assert after["log"][-1]["did"] == "restore a backup"
    assert before["log"][-1]["did"] == "make a backup"
    assert after["log"][:-1] == before["log"][:-1]
    assert {**after, "log": 0} == {**before, "log": 0}
    assert verify.run(other.portal).findings == ()
    other.take(document["id"], "sign-mou")
    assert other.application_after("identify-requestor")["id"] == "TPA-2026-0002"


@pytest.mark.requirement("NIST CP-10", "NIST CP-9")
def test_everything_of_a_store_comes_back_to_the_letter(filled: Store, empty: Store, tmp_path: Path) -> None:
    path = backed_up(filled, tmp_path)
    outcome = keeping.restore(empty, tmp_path / "empty", path, SCHEMA)
    assert outcome.wrong == ()
    assert everything(empty) == everything(filled)
    assert keeping.unfinished(empty) is None
    with empty.writing() as writing:
        assert writing.new_id("TPA", 2026) == "TPA-2026-0007"


@pytest.mark.requirement("NIST CP-10", "NIST CP-9")
def test_a_backup_is_for_its_owner_alone_and_other_programs_can_check_it(filled: Store, tmp_path: Path) -> None:
    path = backed_up(filled, tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [other.name for other in tmp_path.iterdir() if other.is_file()] == [path.name]
    unpacked = tmp_path / "unpacked"
    unpacked.mkdir()
    subprocess.run(["tar", "-xzf", path, "-C", unpacked], check=True)
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=unpacked, check=True)
    assert json.loads((unpacked / "documents" / "TPA-2026-0002.json").read_bytes()) == filled.get("TPA-2026-0002")
    assert json.loads((unpacked / "manifest.json").read_bytes())["documents"] == 5


def test_templates_and_mail_in_the_data_folder_come_back_too(filled: Store, empty: Store, tmp_path: Path) -> None:
    for name in ("letter-templates/invitation.docx", "outbox/1.eml"):
        (tmp_path / "filled" / name).parent.mkdir()
        (tmp_path / "filled" / name).write_text(name)
    (tmp_path / "filled" / "demo-secret-key").write_text("secret")
    path = backed_up(filled, tmp_path)
    keeping.restore(empty, tmp_path / "empty", path, SCHEMA)
    assert (tmp_path / "empty" / "letter-templates" / "invitation.docx").read_text().endswith("invitation.docx")
    assert (tmp_path / "empty" / "outbox" / "1.eml").exists()
    with tarfile.open(path) as tar:
        assert not any("secret" in name for name in tar.getnames())


def test_a_backup_made_while_steps_are_taken_fits_together(filled: Store, empty: Store, tmp_path: Path) -> None:
    """Claims pass from one document to another all the while: a backup in which two hold one could not be restored."""
    ended = threading.Event()
    other = open_store("tinydb:", tmp_path / "filled")

    def pass_on() -> None:
        while not ended.is_set():
            for giver, taker in ((1, 5), (5, 1)):
                letter = other.put_file(os.urandom(20))
                change(other, f"TPA-2026-{giver:04d}", claims={}, letter=letter)
                change(other, f"TPA-2026-{taker:04d}", claims={"office-id": "KERN-1"}, letter=letter)
                other.put_record("people", "bo", {"letter": letter})

    taking = threading.Thread(target=pass_on)
    taking.start()
    try:
        for turn in range(4):
            path = tmp_path / f"{turn}.tar.gz"
            assert keeping.back_up(filled, tmp_path / "filled", path, MORNING).wrong == ()
            restored = open_store(f"tinydb:{tmp_path}/restored-{turn}", tmp_path)
            assert keeping.restore(restored, tmp_path / "other", path, SCHEMA).wrong == ()
            for document_id in ("TPA-2026-0001", "TPA-2026-0005"):
                if "letter" in (document := restored.get(document_id)):
                    assert restored.get_file(document["letter"])
            restored.close()
    finally:
        ended.set()
        taking.join()
        other.close()


def test_a_store_that_is_not_empty_is_not_restored_into(house: House, filled: Store, tmp_path: Path) -> None:
    path = backed_up(filled, tmp_path)
    before = everything(as_kept(house.portal.store))
    refused = flask(house, "restore", path)
    assert refused.exit_code == 2
    assert "there is something already: records" in refused.output
    assert everything(as_kept(house.portal.store)) == before


def damage(path: Path, how: str) -> None:
    """Changes what the backup holds, as gzip that says nothing of it."""
    content = bytearray(gzip.decompress(path.read_bytes()))
    if how == "a document":
        place = content.index(b"Kern IV-A")
        content[place : place + 4] = b"Inyo"
    elif how == "an entry is missing":
        with tarfile.open(path) as tar:
            entry = tar.getmember("documents/TPA-2026-0003.json")
        del content[entry.offset : entry.offset_data + -(-entry.size // 512) * 512]
    elif how == "the end is missing":
        content = content[: content.index(b"manifest.json")]
    path.write_bytes(gzip.compress(bytes(content)) if how != "a byte of the file" else flipped(path.read_bytes()))


def flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.requirement("NIST CP-10", "NIST CP-9")
@pytest.mark.parametrize(
    "how", ["a document", "an entry is missing", "the end is missing", "a byte of the file", "not one at all"]
)
def test_a_backup_that_is_not_whole_is_refused_before_anything_is_kept(
    filled: Store, empty: Store, tmp_path: Path, how: str
) -> None:
    path = backed_up(filled, tmp_path)
    if how == "not one at all":
        path.write_bytes(b"%PDF-1.7")
    else:
        damage(path, how)
    with pytest.raises(keeping.NotABackup):
        keeping.restore(empty, tmp_path / "empty", path, SCHEMA)
    assert list(empty.record_kinds()) == []
    assert list(empty.document_ids()) == []


def test_a_backup_of_a_newer_version_is_refused(filled: Store, empty: Store, tmp_path: Path) -> None:
    change(filled, "TPA-2026-0004", schema=SCHEMA + 1)
    path = backed_up(filled, tmp_path)
    with pytest.raises(keeping.NotABackup, match=r"TPA-2026-0004.*newer version"):
        keeping.restore(empty, tmp_path / "empty", path, SCHEMA)
    assert list(empty.document_ids()) == []


def test_what_cannot_be_read_is_named_and_the_rest_is_backed_up(filled: Store, empty: Store, tmp_path: Path) -> None:
    data = tmp_path / "filled"
    (data / "documents" / "TPA-2026-0003.json").write_text("{")
    (data / "records" / "people" / "ana%40kern%2Eexample.json").write_text("{")
    next((data / "files").glob("*/*")).write_text("another")
    log = data / "access-log" / "2026-11.jsonl"
    log.write_text(log.read_text().replace('{"at":"2026-11-01T00:00:00Z","hash":"x","seq":1}', "?"))
    path = tmp_path / "backup.tar.gz"
    wrong = keeping.back_up(filled, data, path, MORNING).wrong
    named = sorted(what.partition(" ")[0] for what, _ in wrong)
    assert named == ["TPA-2026-0003", "access", "file", "people/ana@kern.example"]
    outcome = keeping.restore(empty, tmp_path / "empty", path, SCHEMA)
    assert len(outcome.wrong) == 4
    assert outcome.holdings.documents == len(list(empty.document_ids())) == 4
    assert [line["seq"] for line in empty.log_lines()] == [2, 3]


@pytest.mark.parametrize("what", ["backup", "restore"])
def test_a_kill_leaves_no_half_backup_and_a_restore_that_can_be_begun_again(
    filled: Store, empty: Store, tmp_path: Path, what: str
) -> None:
    for number in range(6, 200):
        add(filled, a_document(number))
    path = tmp_path / "backup.tar.gz"
    if what == "restore":
        backed_up(filled, tmp_path)
    program = f"""
from datetime import UTC, datetime
from pathlib import Path
from portal import keeping
from portal.store import open_store
store = open_store("tinydb:", Path({str(tmp_path)!r}) / {"filled" if what == "backup" else "empty"!r})
print("begun", flush=True)
if {what!r} == "backup":
    while True:
        keeping.back_up(store, Path({str(tmp_path)!r}), Path({str(path)!r}), datetime.now(UTC))
keeping.restore(store, Path({str(tmp_path / "empty")!r}), Path({str(path)!r}), {SCHEMA})
"""
    running = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=Path(__file__).parents[1])
    assert running.stdout is not None
    assert running.stdout.readline() == b"begun\n"
    until = time.monotonic() + 20
    while time.monotonic() < until and not (tmp_path / "empty" / "documents" / "TPA-2026-0050.json").exists():
        if what == "backup" and path.exists():
            break
        time.sleep(0.001)
    os.kill(running.pid, signal.SIGKILL)
    running.wait(10)
    running.stdout.close()
    if what == "restore":
        assert keeping.unfinished(empty) == "restore"
        assert 50 <= len(list(empty.document_ids())) < 199
    assert keeping.restore(empty, tmp_path / "empty", path, SCHEMA).wrong == ()
    assert everything(empty) == everything(filled)


def test_memory_does_not_grow_with_what_is_backed_up(tmp_path: Path) -> None:
    """40 MB of papers, in a process that may take half of that beyond what it starts with."""
    program = f"""
import os, resource
from datetime import UTC, datetime
from pathlib import Path
from portal import keeping
from portal.store import open_store
data = Path({str(tmp_path)!r})
store = open_store("tinydb:", data / "filled")
for number in range(20):
    store.put_file(os.urandom(2 << 20))
begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
keeping.back_up(store, data / "filled", data / "b", datetime.now(UTC))
keeping.restore(open_store("tinydb:", data / "empty"), data / "empty", data / "b", 1)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - begun)
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, cwd=Path(__file__).parents[1]
    )
    assert int(ran.stdout) < 20_000  # kilobytes


def test_one_damaged_document_is_put_back_and_a_whole_one_is_not(house: House, tmp_path: Path) -> None:
    document = house.application_after("identify-requestor")
    other = house.take("", "identify-requestor", organization_name="Another")
    file = tmp_path / "portal.tar.gz"
    assert flask(house, "backup", file).exit_code == 0
    later = house.take(document["id"], "schedule-invitation")
    refused = flask(house, "restore", file, "--document", document["id"])
    assert (refused.exit_code, house.get(document["id"])) == (2, later)
    (house.portal.settings.data / "documents" / f"{document['id']}.json").write_text("")
    restored = flask(house, "restore", file, "--document", document["id"])
    assert restored.exit_code == 0, restored.output
    assert house.get(document["id"]) == document
    assert house.get(other["id"]) == other
    assert house.portal.log.newest()["did"] == "restore from a backup"
    assert flask(house, "restore", file, "--document", "TPA-2026-0099").exit_code == 2


def test_numbers_that_were_given_after_the_backup_are_not_given_again(
    house: House, make_house: Callable[..., House], tmp_path: Path
) -> None:
    file = tmp_path / "portal.tar.gz"
    flask(house, "backup", file)
    (tmp_path / "restored").mkdir()
    other = make_house(name="restored")
    assert flask(other, "restore", file, "--last-id", "TPA-2026-0120").exit_code == 0
    assert other.application_after("identify-requestor")["id"] == "TPA-2026-0121"


# Move.


def test_everything_moves_to_another_store_to_the_letter(filled: Store, empty: Store) -> None:
    outcome = keeping.move(filled, empty)
    assert outcome.wrong == ()
    assert everything(empty) == everything(filled)
    assert keeping.unfinished(empty) is None


def write_always(data: Path) -> None:
    """Passes a claim from document to document, and writes records and the log, until it is killed."""
    store = open_store("tinydb:", data)
    while True:
        for giver, taker in ((1, 5), (5, 1)):
            change(store, f"TPA-2026-{giver:04d}", claims={})
            change(store, f"TPA-2026-{taker:04d}", claims={"office-id": "KERN-1"}, letter=store.put_file(os.urandom(9)))
            store.delete_record("drafts", f"{giver}")
            store.put_record("drafts", f"{taker}", {"at": time.monotonic_ns()})
            store.append_log({"who": "bo"})


def test_a_portal_in_use_that_is_stopped_at_the_end_loses_nothing_by_a_move(
    filled: Store, empty: Store, tmp_path: Path
) -> None:
    portal = a_process(write_always, tmp_path / "filled")
    until_revision = filled.get("TPA-2026-0001")["revision"] + 10
    while filled.get("TPA-2026-0001")["revision"] < until_revision:
        time.sleep(0.01)
    assert keeping.move(filled, empty, then=lambda: kill(portal)).wrong == ()
    assert everything(empty) == everything(filled)


def test_what_is_written_to_the_old_store_after_a_move_is_named(filled: Store, empty: Store, tmp_path: Path) -> None:
    portal = a_process(write_always, tmp_path / "filled")
    try:
        until = time.monotonic() + 10
        while not (late := keeping.move(filled, empty).wrong) and time.monotonic() < until:
            empty.put_record("unfinished", "copy", {"what": "move"})
    finally:
        kill(portal)
    assert {what for what, _ in late} <= {"TPA-2026-0001", "TPA-2026-0005"}
    assert late
    # Which of the two depends on whether it was written before the comparison came to it, or after.
    assert {why for _, why in late} <= {"was written in the old store after the move", "is not as in the old store"}


def test_documents_that_exchanged_their_claims_move_together(filled: Store, empty: Store) -> None:
    """Each was copied before the exchange: neither can be kept before the other lets go."""
    mark = {"what": "move"}
    empty.put_record("unfinished", "copy", mark)
    for number in (1, 2):
        empty.restore_document(filled.get(f"TPA-2026-{number:04d}"))
    change(filled, "TPA-2026-0001", claims={})
    change(filled, "TPA-2026-0002", claims={"office-id": "KERN-1"})
    change(filled, "TPA-2026-0001", claims={"office-id": "KERN-2"})
    assert keeping.move(filled, empty).wrong == ()
    assert everything(empty) == everything(filled)


def test_an_interrupted_move_goes_on_when_it_is_begun_again(filled: Store, empty: Store) -> None:
    def fail() -> None:
        raise OSError("no such command")

    with pytest.raises(OSError, match="no such command"):
        keeping.move(filled, empty, then=fail)
    assert keeping.unfinished(empty) == "move"
    change(filled, "TPA-2026-0001", status="active")
    filled.delete_record("people", "ana@kern.example")
    assert keeping.move(filled, empty).wrong == ()
    assert everything(empty) == everything(filled)


def test_the_portal_moves_by_command_and_works_in_its_new_store(
    house: House, make_house: Callable[..., House], tmp_path: Path
) -> None:
    document = house.application_after("route-application")
    url = f"tinydb:{tmp_path}/elsewhere"
    moved = flask(house, "move", url, "--then", f"touch {tmp_path}/stopped")
    assert moved.exit_code == 0, moved.output
    assert (tmp_path / "stopped").exists()
    again = flask(house, "move", url)
    assert again.exit_code == 2
    assert "there is something already: documents" in again.output
    there = make_house(store=url)
    there.take(document["id"], "legal-opinion")
    assert verify.run(there.portal).findings == ()
    assert house.get(document["id"])["version"] == document["version"]


def test_a_move_to_where_no_store_is_changes_nothing(house: House) -> None:
    refused = flask(house, "move", "mysql://portal:s3cret@localhost/portal")
    assert refused.exit_code == 2
    assert "s3cret" not in refused.output


def test_a_portal_that_is_half_restored_says_so(house: House) -> None:
    mark: Json = {"what": "restore"}
    house.portal.store.put_record("unfinished", "copy", mark)
    answer = house.client("").get("/health")
    assert answer.status_code == 503
    assert "restore" in answer.json["why"]
