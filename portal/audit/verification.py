"""Whether the log is whole and unaltered: its chain, the ISO's reviews, checkpoints from here and elsewhere [O8.2]."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from portal.audit.checkpoints import Checkpoint
from portal.audit.reviews import Review
from portal.process.document import FIRST_PREVIOUS, Json
from portal.store.errors import Damaged
from portal.store.log_line import line_hash
from portal.store.port import Store


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the log, at which line."""

    seq: int
    why: str


@dataclass(frozen=True, slots=True)
class Verified:
    """How many lines there are, what is wrong with which (the first of the log first), and what is worth knowing."""

    lines: int
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Witness:
    """What the line of a number was when somebody looked; `lines`: how many there were up to it, when they counted."""

    who: str
    hash: str
    lines: int | None


def verify(store: Store, reviews: Iterable[Review], checkpoints: Iterable[Checkpoint], keys: Iterable[str]) -> Verified:
    """Reads the whole log. `keys` are the public keys (base64) that may sign checkpoints. Raises `Unavailable`."""
    witnesses = defaultdict(list)
    for review in reviews:
        witnesses[review.up_to].append(_Witness(f"the review by {review.by} on {review.at}", review.hash, None))
    unsigned, known = [], set(keys)
    for one in checkpoints:
        if one.key in known and one.is_signed:
            witnesses[one.seq].append(_Witness(f"the checkpoint of {one.at}", one.hash, one.lines))
        else:
            unsigned.append(Fault(one.seq, f"the checkpoint of {one.at} is not signed by this portal's key"))
    lines, faults = _read(store, witnesses)
    notes = []
    if store.log_torn():
        notes.append("a line was left half written when the portal was stopped; nobody was told that it is kept")
    return Verified(lines, tuple(sorted([*faults, *unsigned], key=lambda fault: fault.seq)), tuple(notes))


def _read(store: Store, witnesses: dict[int, list[_Witness]]) -> tuple[int, list[Fault]]:
    """How many lines there are, and what is wrong with them. A line that cannot be read ends the reading."""
    faults: list[Fault] = []
    previous, seq, lines = FIRST_PREVIOUS, 0, 0
    try:
        for line in store.log_lines():
            lines += 1
            faults += _wrong_with(line, seq + 1, previous)
            faults += _denied(line, lines, witnesses.pop(line["seq"], []))
            seq, previous = line["seq"], line["hash"]
    except Damaged as damaged:
        return lines, [*faults, Fault(seq + 1, str(damaged))]
    left = ((number, witness) for number, those in witnesses.items() for witness in those)
    return lines, [*faults, *(Fault(number, f"is not there, and was at {one.who}") for number, one in left)]


def _wrong_with(line: Json, seq: int, previous: str) -> Iterator[Fault]:
    if line["seq"] != seq:
        yield Fault(seq, f"is not there: line {line['seq']} stands in its place")
    if line.get("previous") != previous:
        yield Fault(line["seq"], "does not follow the line before it")
    if line["hash"] != line_hash(line):
        yield Fault(line["seq"], "is not what was written")


def _denied(line: Json, lines: int, witnesses: list[_Witness]) -> Iterator[Fault]:
    for one in witnesses:
        if one.hash != line["hash"]:
            yield Fault(line["seq"], f"is not the line that it was at {one.who}")
        elif one.lines is not None and one.lines != lines:
            yield Fault(line["seq"], f"was the last of {one.lines} lines at {one.who}, and {lines} are there")
