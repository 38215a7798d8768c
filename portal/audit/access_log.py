"""The log itself: written through one door, searched, verified, and signed off by the ISO."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from portal.logs import request_id
from portal.process.document import FIRST_PREVIOUS, Json, at_utc, entry_hash
from portal.process.goals import california_date
from portal.process.no_case_data import redact
from portal.store.errors import Damaged
from portal.store.port import Store

if TYPE_CHECKING:
    from flask import Request

REVIEWS = "log-reviews"
_LONGEST = 500
_FIRST_CHUNK = 200


class NoSuchLine(ValueError):
    """The log has no line of this number."""

    def __init__(self, seq: int) -> None:
        super().__init__(f"The log has no line {seq}.")
        self.seq = seq


class Outcome:
    """The words with which a line's outcome begins."""

    DONE = "done"
    REFUSED = "refused"  # not theirs to do
    FAILED = "failed"  # tried, and it did not hold: a wrong password, answers that don't hold

    ALL = (DONE, REFUSED, FAILED)


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

    def write(
        self,
        who: str,
        did: str,
        record: str = "",
        outcome: str = Outcome.DONE,
        where: str = "",
        request_id: str = "",
        why: str = "",
    ) -> Json:
        """Adds a line and returns it as kept.

        `who` is an address (empty: nobody had signed in), `did` says what in the words of a sentence ("signed in"),
        `record` on what (an id, an address), `where` is the network address. What looks like a social security number
        is not kept.
        """
        told = {
            "who": who,
            "did": did,
            "record": record,
            "outcome": outcome,
            "where": where,
            "request_id": request_id,
            "why": why,
        }
        return self._store.append_log(
            {"at": at_utc(self._clock()), **{key: redact(text)[:_LONGEST] for key, text in told.items()}}
        )

    def write_seen(self, who: str, record: str, request: "Request") -> Json:
        """Adds a line that somebody looked at a record, from the request with which they did."""
        return self.write(who, "looked at", record, where=request.remote_addr or "", request_id=request_id())

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

    def review(self, by: str, up_to: int, note: str = "", where: str = "", request_id: str = "") -> Review:
        """Records that somebody looked at every line up to this one. Raises `NoSuchLine`."""
        newest = self.newest()
        if newest is None or not 1 <= up_to <= newest["seq"]:
            raise NoSuchLine(up_to)
        line = next(line for line in self.matching(Filters()) if line["seq"] <= up_to)
        review = Review(line["seq"], line["hash"], by, at_utc(self._clock()), redact(note)[:_LONGEST])
        kept = {"up_to": review.up_to, "hash": review.hash, "by": by, "at": review.at, "note": review.note}
        self._store.put_record(REVIEWS, f"{review.up_to:012d}-{by}", kept)
        self.write(by, "reviewed the access log", f"up to line {up_to}", where=where, request_id=request_id)
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
