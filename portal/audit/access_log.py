"""The log itself: written through one door, searched, verified, and signed off by the ISO."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from portal.process.document import FIRST_PREVIOUS, Json, at_utc, entry_hash
from portal.process.goals import california_date
from portal.process.no_case_data import redact
from portal.store.errors import Damaged, StoreError, Unavailable
from portal.store.port import Store, Writing

REVIEWS = "log-reviews"
_LONGEST = 500
_FIRST_CHUNK = 200


class NoSuchLine(ValueError):
    """The log has no line of this number."""

    def __init__(self, seq: int) -> None:
        super().__init__(f"The log has no line {seq}.")
        self.seq = seq


class Outcome:
    """How what a line tells of came out."""

    BEGUN = "begun"  # about to be done: another line says how it ended, unless the portal was killed in between
    DONE = "done"
    REFUSED = "refused"  # not theirs to do
    FAILED = "failed"  # tried, and it did not hold: a wrong password, answers that don't hold, a full disk

    ALL = (BEGUN, DONE, REFUSED, FAILED)


@dataclass(frozen=True, slots=True)
class Origin:
    """From where somebody acts: a network address, or words where there is none, and the request's number."""

    where: str = ""
    request_id: str = ""


BY_ITSELF = Origin("the portal itself")


@dataclass(frozen=True, slots=True)
class Act:
    """Who does what, in which role, on which record, from where.

    `who` is an address (empty: nobody had signed in); `did` the words of a sentence ("signed in"); `record` an id or an
    address. Nothing that somebody typed into a form belongs in any of them.
    """

    who: str
    did: str
    record: str = ""
    role: str = ""
    origin: Origin = field(default=BY_ITSELF)
    why: str = ""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which lines to look for; what is empty does not limit. Dates are California's, ISO 8601, both included."""

    words: tuple[str, ...] = ()
    who: str = ""
    record: str = ""
    outcome: str = ""
    since: str = ""
    until: str = ""

    def match(self, line: Json) -> bool:
        """Whether the line is such; of the dates, whether it is not after `until`."""
        return (
            (not self.who or line["who"] == self.who)
            and (not self.record or line["record"] == self.record)
            and (not self.outcome or line["outcome"].startswith(self.outcome))
            and (not self.until or date_of(line) <= self.until)
        )


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the log, at which line (0: with the whole)."""

    seq: int
    why: str


@dataclass(frozen=True, slots=True)
class Review:
    """The ISO has looked at every line up to this one, whose hash was this."""

    up_to: int
    hash: str
    by: str
    at: str
    note: str


def date_of(line: Json) -> str:
    """California's date of a line, ISO 8601."""
    return california_date(datetime.fromisoformat(line["at"])).isoformat()


class AccessLog:
    """The access log of a store. Lines are only ever added."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store, self._clock = store, clock

    def write(self, act: Act, outcome: str = Outcome.DONE) -> Json:
        """Adds a line and returns it as kept. Raises `Unavailable`: then what it tells of must not happen."""
        return self._store.append_log(self._line(act, outcome))

    def _line(self, act: Act, outcome: str) -> Json:
        told = {
            "who": act.who,
            "role": act.role,
            "did": act.did,
            "record": act.record,
            "outcome": outcome,
            "why": act.why,
            "where": act.origin.where,
            "request_id": act.origin.request_id,
        }
        # What looks like a social security number is not kept, wherever it was typed.
        return {"at": at_utc(self._clock()), **{key: redact(text)[:_LONGEST] for key, text in told.items()}}

    @contextmanager
    def carrying_out(self, act: Act) -> Iterator[None]:
        """A line before the block, which is not entered if that line cannot be kept, and one that says how it ended.

        Raises `Unavailable`, and whatever the block raises.
        """
        self.write(act, Outcome.BEGUN)
        try:
            yield
        except Exception as error:
            self._write_failure(act, error)
            raise
        # It is done, and the first line says that it was begun: that nothing can be added now does not make it failed.
        with suppress(Unavailable):
            self.write(act)

    @contextmanager
    def telling(self, act: Act) -> Iterator[Callable[..., None]]:
        """Gives a function that tells of the act within a block of writing: `tell(writing, record=..., role=...)`.

        It is called when nothing is left that could be refused, before the document is written: what cannot be told
        does not happen. Should the writing fail after that, another line says so.
        """
        told: list[Act] = []

        def tell(writing: Writing, record: str = act.record, role: str = act.role, why: str = act.why) -> None:
            known_act = replace(act, record=record, role=role, why=why)
            writing.append_log(self._line(known_act, Outcome.DONE))
            told.append(known_act)

        try:
            yield tell
        except Exception as error:
            for each in told:
                self._write_failure(each, error)
            raise

    def _write_failure(self, act: Act, error: Exception) -> None:
        """Says that what was begun did not come to its end. The error itself goes on to whoever asked for the act."""
        why = str(getattr(error, "why", "")) or type(error).__name__
        if isinstance(error, StoreError):
            # Its own words may hold what somebody typed.
            why = f"{type(error).__name__}: not kept, as far as can be told; the record itself says"
        with suppress(Unavailable):  # then the line before says that it was begun, and the caller is told why
            self.write(replace(act, why=why), Outcome.FAILED)

    def matching(self, filters: Filters) -> Iterator[Json]:
        """The lines that are such, the newest first."""
        # The store narrows by words; whole values are compared here.
        words = (*filters.words, *(word for word in (filters.who, filters.record, filters.outcome) if word))
        offset, chunk, last = 0, _FIRST_CHUNK, None
        while rows := self._store.log(offset, chunk, words).rows:
            for line in rows:
                if filters.since and date_of(line) < filters.since:
                    return
                # Lines that were added meanwhile push older ones into the next chunk, where they come again.
                if (last is None or line["seq"] < last) and filters.match(line):
                    yield line
                last = line["seq"] if last is None else min(last, line["seq"])
            # A page needs the first few alone; a whole export should not count the log again for every few hundred.
            offset, chunk = offset + chunk, chunk * 8

    def page(self, filters: Filters, offset: int = 0, limit: int = 50) -> tuple[list[Json], bool]:
        """A page of the matching lines, the newest first, and whether there are more after it."""
        rows = list(islice(self.matching(filters), offset, offset + limit + 1))
        return rows[:limit], len(rows) > limit

    def of_person(self, email: str, limit: int = 20) -> list[Json]:
        """What was last done or tried in this person's name: feedback on their own account's use [O8.2]."""
        return self.page(Filters(who=email), limit=limit)[0]

    def newest(self) -> Json | None:
        """The last line, or None."""
        return next(iter(self._store.log(0, 1).rows), None)

    # Verification and review

    def verify(self) -> list[Fault]:
        """What shows an alteration: a line changed, taken out, put in, or cut off before what was reviewed."""
        reviews = {review.up_to: review for review in self.reviews()}
        faults, previous, seq = [], FIRST_PREVIOUS, 0
        try:
            for line in self._store.log_lines():
                seq += 1
                faults += [Fault(line["seq"], why) for why in _wrong_with(line, seq, previous)]
                review = reviews.pop(line["seq"], None)
                if review is not None and review.hash != line["hash"]:
                    faults.append(Fault(line["seq"], f"is not the line that {review.by} reviewed on {review.at}"))
                seq, previous = line["seq"], line["hash"]
        except Damaged as damaged:
            faults.append(Fault(seq + 1, str(damaged)))
            return faults
        faults += [
            Fault(review.up_to, f"was reviewed by {review.by} on {review.at}, and is not there")
            for review in reviews.values()
        ]
        return faults

    def review(self, by: str, up_to: int, note: str = "", role: str = "", origin: Origin = BY_ITSELF) -> Review:
        """Records that somebody looked at every line up to this one. Raises `NoSuchLine`."""
        newest = self.newest()
        if newest is None or not 1 <= up_to <= newest["seq"]:
            raise NoSuchLine(up_to)
        line = next(line for line in self.matching(Filters()) if line["seq"] <= up_to)
        review = Review(line["seq"], line["hash"], by, at_utc(self._clock()), redact(note)[:_LONGEST])
        kept = {"up_to": review.up_to, "hash": review.hash, "by": by, "at": review.at, "note": review.note}
        with self.carrying_out(Act(by, "review the access log", f"up to line {up_to}", role, origin)):
            self._store.put_record(REVIEWS, f"{review.up_to:012d}-{by}", kept)
        return review

    def reviews(self) -> list[Review]:
        """Every review, by the line up to which it went."""
        return [
            Review(record["up_to"], record["hash"], record["by"], record["at"], record["note"])
            for _, record in self._store.records(REVIEWS)
        ]


def _wrong_with(line: Json, seq: int, previous: str) -> Iterator[str]:
    if line["seq"] != seq:
        yield f"is numbered {line['seq']}, where line {seq} belongs"
    if line["previous"] != previous:
        yield "does not follow the line before it"
    if line["hash"] != entry_hash(line):
        yield "is not what was written"
