"""The access log [O8.2]: what is kept, how it is found, and how an alteration shows."""

from pathlib import Path

import pytest

from portal.audit import AccessLog, Act, Filters, Origin, Outcome
from portal.process.document import Json
from tests.people.premises import Clock, at_once

pytestmark = pytest.mark.process("O8.2")

Lines = list[Json]


def five_lines(log: AccessLog, clock: Clock) -> None:
    """Two days' lines."""
    log.write(Act("rea@kern.example", "signed in", origin=Origin("192.0.2.7", "abc")))
    log.write(Act("rea@kern.example", "open tracking", why="403: not your role"), Outcome.REFUSED)
    clock.move(days=1)
    log.write(Act("max@dcss.example", "signed in"))
    log.write(Act("max@dcss.example", "read it", "TPA-2026-0007"))
    log.write(Act("mallory@kern.example", "tried to sign in", why="about rea@kern.example"), Outcome.FAILED)


@pytest.mark.requirement("ASVS 16.2.1", "ASVS 16.2.2", "NIST AU-3", "NIST AU-8")
def test_a_line_says_who_when_from_where_did_what_on_which_record_with_what_outcome(log: AccessLog) -> None:
    log.write(
        Act("max@dcss.example", "read it", "TPA-2026-0007", "legal", Origin("192.0.2.7", "abc"), "a task"),
    )
    line = log.newest()
    assert line is not None
    assert {key: line[key] for key in line if key not in ("hash", "previous")} == {
        **{
            "seq": 1,
            "at": "2026-11-23T17:00:00Z",
            "who": "max@dcss.example",
            "role": "legal",
            "did": "read it",
            "why": "a task",
        },
        **{"record": "TPA-2026-0007", "outcome": "done", "where": "192.0.2.7", "request_id": "abc"},
    }


@pytest.mark.requirement("ASVS 16.2.5", "NIST AU-3")
def test_what_looks_like_a_social_security_number_is_never_written(log: AccessLog, tmp_path: Path) -> None:
    log.write(Act("x@kern.example", "tried 123-45-6789", "078-05-1120", why="typed 219 09 9999 somewhere"))
    kept = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert b"[removed]" in kept
    for number in (b"123-45-6789", b"078-05-1120", b"219 09 9999"):
        assert number not in kept


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(), [5, 4, 3, 2, 1]),
        (Filters(words=("signed", "REA@")), [1]),
        (Filters(who="rea@kern.example"), [2, 1]),
        (Filters(record="TPA-2026-0007"), [4]),
        (Filters(record="TPA-2026-000"), []),
        (Filters(outcome="refused"), [2]),
        (Filters(outcome="done", did="signed in"), [3, 1]),
        (Filters(role="legal"), []),
        (Filters(since="2026-11-24"), [5, 4, 3]),
        (Filters(until="2026-11-23"), [2, 1]),
        (Filters(since="2026-11-24", until="2026-11-24", who="max@dcss.example"), [4, 3]),
        (Filters(words=("nothing like it",)), []),
    ],
)
def test_lines_are_found_the_newest_first(log: AccessLog, clock: Clock, filters: Filters, found: list[int]) -> None:
    five_lines(log, clock)
    assert [line["seq"] for line in log.matching(filters)] == found


def test_a_page_says_whether_there_is_more(log: AccessLog, clock: Clock) -> None:
    five_lines(log, clock)
    rows, more = log.page(Filters(), before=5, limit=2)
    assert ([row["seq"] for row in rows], more) == ([4, 3], True)
    rows, more = log.page(Filters(), before=3, limit=2)
    assert ([row["seq"] for row in rows], more) == ([2, 1], False)


def test_each_line_comes_once_though_others_are_added_meanwhile(log: AccessLog) -> None:
    for number in range(450):
        log.write(Act("x@kern.example", f"act {number}"))
    seen = []
    for line in log.matching(Filters()):
        if len(seen) % 50 == 0:
            log.write(Act("y@kern.example", "meanwhile"))
        seen.append(line["seq"])
    assert seen == list(range(450, 0, -1))


def test_lines_written_at_the_same_moment_are_all_kept_in_one_chain(log: AccessLog) -> None:
    at_once(8, lambda: log.write(Act("x@kern.example", "signed in")))
    assert [line["seq"] for line in log.matching(Filters())] == [8, 7, 6, 5, 4, 3, 2, 1]
