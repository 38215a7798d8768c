"""The log itself: written through one door, and searched."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from portal.audit.filters import Filters
from portal.process.document import Json, at_utc
from portal.process.no_case_data import redact
from portal.store.errors import StoreError, Unavailable
from portal.store.port import LogSearch, Store, Writing

_LONGEST = 500
_FIRST_CHUNK, _CHUNK = 200, 2000


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


SIGNED_IN, TRIED_TO_SIGN_IN = "signed in", "tried to sign in"
REMEMBERED = timedelta(days=400)
"""For how long back somebody is told when they last signed in."""


@dataclass(frozen=True, slots=True)
class SignIns:
    """When (UTC) and from where somebody last signed in, empty when they did not; and failed tries since."""

    at: str
    where: str
    failures: int


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
        return {"at": at_utc(self._clock()), **{key: _printable(redact(text))[:_LONGEST] for key, text in told.items()}}

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

    def matching(self, filters: Filters, before: int | None = None) -> Iterator[Json]:
        """The lines that are such, the newest first, of those numbered below `before`."""
        chunk = _FIRST_CHUNK
        while rows := self._store.log_found(filters.search, before, chunk):
            yield from rows
            if len(rows) < chunk:
                return
            before, chunk = rows[-1]["seq"], _CHUNK

    def page(self, filters: Filters, before: int | None = None, limit: int = 50) -> tuple[list[Json], bool]:
        """A page of the matching lines numbered below `before`, the newest first, and whether there are more."""
        rows = list(self._store.log_found(filters.search, before, limit + 1))
        return rows[:limit], len(rows) > limit

    def of_person(self, email: str, limit: int = 20) -> list[Json]:
        """What was last done or tried in this person's name: feedback on their own account's use [O8.2]."""
        return self.page(Filters(who=email), limit=limit)[0]

    def sign_ins(self, email: str) -> SignIns:
        """When and from where this person last signed in, and how often somebody has failed to in their name since."""
        oldest = at_utc(self._clock() - REMEMBERED)
        signed_in = LogSearch(values={"who": email, "did": SIGNED_IN}, since=oldest)
        never: Json = {"at": "", "where": "", "seq": 0}
        last = next(iter(self._store.log_found(signed_in, limit=1)), never)
        failed = LogSearch(values={"who": email, "did": TRIED_TO_SIGN_IN}, since=last["at"] or oldest)
        failures = [one for one in self._store.log_found(failed, limit=100) if one["seq"] > last["seq"]]
        return SignIns(last["at"], last["where"], len(failures))

    def sign_in_lines(self, email: str, limit: int = 10) -> list[Json]:
        """The last sign-ins in this person's name, and the failed tries among them, the newest first."""
        both = (LogSearch(values={"who": email, "did": did}) for did in (SIGNED_IN, TRIED_TO_SIGN_IN))
        lines = [line for search in both for line in self._store.log_found(search, limit=limit)]
        return sorted(lines, key=lambda line: -line["seq"])[:limit]

    def newest(self) -> Json | None:
        """The last line, or None."""
        return next(iter(self._store.log(0, 1).rows), None)


def _printable(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text)
