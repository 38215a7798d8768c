"""Whatever is done to the log by hand is found, with the first bad line; what a crash leaves is told from it [O8.2]."""

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from portal.audit import AccessLog, Act, Auditing, Outcome
from portal.audit.checkpoints import Checkpoint
from portal.process.document import Json
from portal.store import open_store
from portal.store.log_line import canonical, line_hash
from tests.audit.conftest import SECRET
from tests.people.premises import Clock

pytestmark = pytest.mark.process("O8.2")

Folder = Path


def filled(store_url: str, data: Path) -> Checkpoint:
    """Nine lines of three months in the store, the last of them about a checkpoint, which is returned."""
    clock, store = Clock(), open_store(store_url, data)
    log = AccessLog(store, clock)
    for number in range(1, 9):
        who = "rea@kern.example" if number % 2 else "José Núñez <ñ@kern.example>"
        log.write(Act(who, "read it", f"TPA-2026-{number:04d}", "legal"), Outcome.ALL[number % 4])
        clock.move(days=8)
    made = Auditing(store, log, clock, SECRET).checkpoints.make()
    store.close()
    return made


def verified(data: Path, store_url: str = "tinydb:", *others: Checkpoint) -> tuple[list[int], str, tuple[str, ...]]:
    """The numbers of the bad lines, what is said of them, and the notes."""
    store = open_store(store_url, data)
    try:
        found = Auditing(store, AccessLog(store, Clock()), Clock(), SECRET).verify(others)
    finally:
        store.close()
    return [fault.seq for fault in found.faults], " ".join(fault.why for fault in found.faults), found.notes


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with such a log, and nothing else that is kept."""
    filled("tinydb:", tmp_path / "data")
    return tmp_path / "data"


def files(data: Path) -> list[Path]:
    return sorted((data / "access-log").iterdir())


def forget_checkpoints(data: Path) -> None:
    """As one would who hides what he did."""
    shutil.rmtree(data / "records")


def test_an_untouched_log_verifies(data: Path) -> None:
    assert [file.name for file in files(data)] == ["2026-11.jsonl", "2026-12.jsonl", "2027-01.jsonl"]
    assert verified(data) == ([], "", ())
    forget_checkpoints(data)
    assert verified(data) == ([], "", ())


@pytest.mark.requirement("ASVS 16.4.2", "NIST AU-10", "NIST AU-9")
def test_any_changed_byte_is_found(data: Path) -> None:
    chance = random.Random(7)
    for file in files(data):
        content = file.read_bytes()
        for place in [*chance.sample(range(len(content)), 150), len(content) - 1, 0]:
            altered = bytearray(content)
            altered[place] ^= chance.choice((1, 2, 4, 8, 16, 32, 64, 128))
            file.write_bytes(altered)
            assert verified(data)[0], f"{file.name}, byte {place}: {content[place - 20 : place + 20]!r}"
        file.write_bytes(content)
    assert verified(data) == ([], "", ())


def test_a_line_that_says_the_same_in_other_bytes_is_found(data: Path) -> None:
    file = files(data)[0]
    content = file.read_bytes()
    first = content.splitlines()[0]
    for written in (
        b" " + first,
        first.replace(b":", b": ", 1),
        first.replace(b"{", b'{"who":"eve",', 1),
        first.replace(b"e", b"\\u0065", 1),
    ):
        assert json.loads(written) == json.loads(first), written
        file.write_bytes(content.replace(first, written, 1))
        assert verified(data)[0], written
    file.write_bytes(content)
    assert verified(data) == ([], "", ())


def lines_of(data: Path) -> list[tuple[Path, int, bytes]]:
    return [
        (file, n, line) for file in files(data) for n, line in enumerate(file.read_bytes().splitlines(keepends=True))
    ]


@pytest.mark.requirement("ASVS 16.4.2", "NIST AU-10", "NIST AU-9")
def test_any_line_that_is_removed_repeated_moved_or_put_in_is_found(data: Path) -> None:
    every = lines_of(data)
    for place, (file, number, line) in enumerate(every):
        content = file.read_bytes()
        lines = content.splitlines(keepends=True)
        forged = json.loads(line) | {"who": "mallory@else.example"}
        put_in = canonical({**forged, "hash": line_hash(forged)}) + b"\n"
        for what, changed in {
            "removed": [*lines[:number], *lines[number + 1 :]],
            "repeated": [*lines[: number + 1], *lines[number:]],
            "put in": [*lines[:number], put_in, *lines[number:]],
            "replaced by one with a hash of its own": [*lines[:number], put_in, *lines[number + 1 :]],
            "exchanged": [*lines[:number], *lines[number : number + 2][::-1], *lines[number + 2 :]],
        }.items():
            if changed == lines:
                continue
            file.write_bytes(b"".join(changed))
            found = verified(data)[0]
            assert found, f"line {place + 1} {what}"
            assert abs(found[0] - (place + 1)) <= 1, f"line {place + 1} {what}: {found}"
        file.write_bytes(content)


@pytest.mark.requirement("ASVS 16.4.2", "NIST AU-10", "NIST AU-9")
@pytest.mark.parametrize(
    ("how", "first"),
    [
        (lambda those: those[1].unlink(), 2),
        (lambda those: those[1].write_bytes(b""), 2),
        (lambda those: those[2].unlink(), 9),
        (lambda those: those[2].write_bytes(b""), 9),
        (lambda those: those[0].unlink(), 1),
        (lambda those: those[0].rename(those[0].with_name("2026-10.jsonl")), 1),
        (lambda those: those[2].rename(those[2].with_name("2027-02.jsonl")), 7),
        (lambda those: those[1].rename(those[1].with_name("old.jsonl")), 2),
        (lambda those: those[1].rename(those[1].with_name("2026-12.bak")), 2),
        (lambda those: those[1].with_name("0000-00.jsonl").write_bytes(those[0].read_bytes()), 1),
    ],
    ids=["middle removed", "middle emptied", "last removed", "last emptied", "first removed", "first renamed",
         "last renamed", "renamed to no month", "renamed to be left out", "one put in"],
)  # fmt: skip
def test_any_file_that_is_removed_emptied_renamed_or_put_in_is_found(
    data: Path, how: Callable[[list[Path]], None], first: int
) -> None:
    how(files(data))
    found, why, _ = verified(data)
    assert found, why
    assert abs(found[0] - first) <= 1, (found, why)


def forged_anew(data: Path) -> None:
    """Another than the first line says, and every hash after it worked out anew: the chain holds."""
    previous = "0" * 64
    for file in files(data):
        lines: list[Json] = [json.loads(line) for line in file.read_bytes().splitlines()]
        for line in lines:
            line |= {"previous": previous, "who": line["who"].replace("rea@kern.example", "nobody@kern.example")}
            previous = line["hash"] = line_hash(line)
        file.write_bytes(b"".join(canonical(line) + b"\n" for line in lines))


@pytest.mark.requirement("ASVS 16.4.2", "ASVS 16.4.3", "NIST AU-10", "NIST AU-9", "NIST AU-9(2)")
def test_a_chain_that_was_worked_out_anew_is_found_by_a_checkpoint_that_was_kept_elsewhere(tmp_path: Path) -> None:
    data = tmp_path / "data"
    kept_elsewhere = filled("tinydb:", data)
    forged_anew(data)
    assert verified(data)[0] == [9]
    forget_checkpoints(data)
    assert verified(data)[0] == [], "without a checkpoint nothing could show it"
    found, why, _ = verified(data, "tinydb:", kept_elsewhere)
    assert found == [9]
    assert "checkpoint" in why


@pytest.mark.requirement("ASVS 16.4.2", "ASVS 16.4.3", "NIST AU-10", "NIST AU-9", "NIST AU-9(2)")
def test_lines_cut_off_the_end_are_found_by_a_checkpoint_that_was_kept_elsewhere(tmp_path: Path) -> None:
    data = tmp_path / "data"
    kept_elsewhere = filled("tinydb:", data)
    forget_checkpoints(data)
    last = files(data)[-1]
    last.write_bytes(b"".join(last.read_bytes().splitlines(keepends=True)[:-1]))
    assert verified(data)[0] == []
    assert verified(data, "tinydb:", kept_elsewhere)[0] == [9]


@pytest.mark.parametrize("change", [{"hash": "f" * 64}, {"seq": 8}, {"lines": 8}, {"at": "2026-12-24T00:00:00Z"}])
def test_a_checkpoint_that_was_altered_is_no_witness(tmp_path: Path, change: dict[str, object]) -> None:
    made = filled("tinydb:", tmp_path / "data")
    altered = Checkpoint(**{**json.loads(made.as_line), **change})
    found, why, _ = verified(tmp_path / "data", "tinydb:", altered)
    assert found == [altered.seq]
    assert "not signed" in why


def test_a_checkpoint_of_another_portal_is_no_witness(tmp_path: Path) -> None:
    filled("tinydb:", tmp_path / "data")
    clock, store = Clock(), open_store("tinydb:", tmp_path / "other")
    other = Auditing(store, AccessLog(store, clock), clock, "another portal's secret").checkpoints.make()
    store.close()
    assert "not signed by this portal's key" in verified(tmp_path / "data", "tinydb:", other)[1]


@pytest.mark.requirement("NIST AU-9")
def test_a_line_that_a_crash_left_half_written_is_no_alteration(data: Path) -> None:
    last = files(data)[-1]
    whole = last.read_bytes()
    half = b'{"at":"2027-01-31T00:00:00Z","did":"read it","hash":"1234'
    for torn in (half, half[:1], b"\0" * 90, half + b"\0" * 30):
        last.write_bytes(whole + torn)
        found, _, notes = verified(data)
        assert found == []
        assert "half written" in notes[0]
    store = open_store("tinydb:", data)
    kept = store.append_log({"at": "2027-01-31T00:00:00Z", "who": "bo"})
    store.close()
    assert last.read_bytes() == whole + canonical(kept) + b"\n"
    assert verified(data) == ([], "", ())


def test_a_line_without_its_end_becomes_one_with_the_next(data: Path) -> None:
    last = files(data)[-1]
    whole = last.read_bytes()
    last.write_bytes(whole[:-1])
    assert verified(data) == ([], "", ())
    store = open_store("tinydb:", data)
    kept = store.append_log({"at": "2027-01-31T00:00:00Z"})
    store.close()
    assert last.read_bytes() == whole + canonical(kept) + b"\n"


@pytest.mark.requirement("NIST AU-9")
def test_an_altered_end_is_not_taken_for_a_crash_and_not_cut_off_by_the_next_line(data: Path) -> None:
    last = files(data)[-1]
    last.write_bytes(last.read_bytes()[:-1] + b"\x0b")
    assert verified(data)[0] == [9]
    store = open_store("tinydb:", data)
    store.append_log({"at": "2027-01-31T00:00:00Z"})
    store.close()
    assert b"\x0b" in last.read_bytes()
    assert verified(data)[0] == [9]


BY_SQL = {
    "a value changed": ("UPDATE portal.access_log SET line = replace(line::text, 'rea@kern', 'bea@kern')::json WHERE seq = 3", 3),
    "spaces put in": ("UPDATE portal.access_log SET line = replace(line::text, ',', ', ')::json WHERE seq = 3", 3),
    "its hash changed": ("UPDATE portal.access_log SET hash = repeat('0', 64) WHERE seq = 3", 3),
    "what it is found by changed": ("UPDATE portal.access_log SET who = 'bo@kern.example' WHERE seq = 3", 3),
    "its words changed": ("UPDATE portal.access_log SET words = '' WHERE seq = 3", 3),
    "removed": ("DELETE FROM portal.access_log WHERE seq = 3", 3),
    "the last removed": ("DELETE FROM portal.access_log WHERE seq = 9", 9),
    "all removed": ("TRUNCATE portal.access_log", 9),
    "renumbered": ("UPDATE portal.access_log SET seq = 30 WHERE seq = 9", 9),
    "one put in": ("INSERT INTO portal.access_log SELECT 10, hash, words, line FROM portal.access_log WHERE seq = 9", 10),
    "two exchanged": ("UPDATE portal.access_log AS a SET line = b.line, hash = b.hash, words = b.words FROM portal.access_log AS b WHERE a.seq IN (3, 4) AND b.seq = 7 - a.seq", 3),
}  # fmt: skip


@pytest.mark.requirement("ASVS 16.4.2", "NIST AU-10", "NIST AU-9")
@pytest.mark.parametrize("what", BY_SQL)
def test_whatever_is_done_to_the_log_by_sql_is_found(what: str, postgres_url: str, tmp_path: Path) -> None:
    filled(postgres_url, tmp_path)
    assert verified(tmp_path, postgres_url) == ([], "", ())
    statement, first = BY_SQL[what]
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        assert connection.execute(statement).rowcount
    found, why, _ = verified(tmp_path, postgres_url)
    assert found, what
    assert abs(found[0] - first) <= 1, (found, why)
