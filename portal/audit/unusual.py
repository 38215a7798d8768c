"""Unusual use: much refused, or many records read, by one person within an hour. The ISO looks at it [O8.2]."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from portal.audit.access_log import TRIED_TO_SIGN_IN, AccessLog, Act, Outcome
from portal.process.document import Json, at_utc
from portal.process.no_case_data import redact
from portal.store.errors import Conflict, NotFound
from portal.store.port import Store

KIND = "unusual-use"

MANY_REFUSALS = 20
"""Refused requests and failed sign-ins of one person within an hour that are put before the ISO."""

MANY_RECORDS = 60
"""Different applications that one person reads within an hour that are put before the ISO."""

REFUSALS, RECORDS = "refusals", "records"
LONGEST_NOTE = 400


@dataclass
class Hour:
    """What one hour of the log holds by person, or by network address where nobody had signed in."""

    begins: str
    refusals: Counter[str] = field(default_factory=Counter)
    records: dict[str, set[str]] = field(default_factory=dict)

    def add(self, line: Json) -> None:
        """Takes in a line of this hour."""
        who = line["who"] or f"nobody signed in, from {line['where']}"
        if line["outcome"] == Outcome.REFUSED or (
            line["outcome"] == Outcome.FAILED and line["did"] == TRIED_TO_SIGN_IN
        ):
            self.refusals[who] += 1
        if line["outcome"] == Outcome.DONE and line["did"].startswith("read "):
            self.records.setdefault(who, set()).add(line["record"].partition("/")[0])

    @property
    def unusual(self) -> list[Json]:
        """What of it is to be put before the ISO."""
        many = [(REFUSALS, who, number) for who, number in self.refusals.items() if number >= MANY_REFUSALS]
        many += [(RECORDS, who, len(those)) for who, those in self.records.items() if len(those) >= MANY_RECORDS]
        return [{"hour": self.begins, "sort": sort, "who": who, "number": number} for sort, who, number in many]

    def as_json(self) -> Json:
        """The hour as a record holds it."""
        records = {who: sorted(those) for who, those in self.records.items()}
        return {"begins": self.begins, "refusals": dict(self.refusals), "records": records}

    @classmethod
    def from_json(cls, kept: Json) -> "Hour":
        """The hour that `as_json` wrote down."""
        records = {who: set(those) for who, those in kept["records"].items()}
        return cls(kept["begins"], Counter(kept["refusals"]), records)


@dataclass(frozen=True, slots=True)
class UnusualUse:
    """One person's use in one hour, and who has looked at it since, if anybody: when, and with which note."""

    key: str
    hour: str
    sort: str
    who: str
    number: int
    by: str = ""
    at: str = ""
    note: str = ""

    @property
    def in_words(self) -> str:
        """What was unusual."""
        if self.sort == REFUSALS:
            return f"{self.number} refused requests or failed sign-ins within an hour"
        return f"{self.number} different applications read within an hour"


class Unusual:
    """What was found unusual, kept until somebody has looked, and after."""

    def __init__(self, store: Store, log: AccessLog, clock: Callable[[], datetime]) -> None:
        self._store, self._log, self._clock = store, log, clock

    def keep(self, found: Json) -> None:
        """Keeps what was found; what was kept of the same hour before grows with it, unless somebody has looked."""
        key = f"{found['hour']} {found['sort']} {found['who']}"
        kept = self._store.get_record(KIND, key)
        if kept is None or (kept["number"] < found["number"] and not kept["by"]):
            blank = {**found, "by": "", "at": "", "note": ""}
            self._store.put_record(KIND, key, blank, kept["revision"] if kept else 0)

    def all(self) -> list[UnusualUse]:
        """Everything that was found, the newest first."""
        found = [
            UnusualUse(key, one["hour"], one["sort"], one["who"], one["number"], one["by"], one["at"], one["note"])
            for key, one in self._store.records(KIND)
        ]
        return found[::-1]

    def waiting(self) -> list[UnusualUse]:
        """What nobody has looked at yet."""
        return [one for one in self.all() if not one.by]

    def look_at(self, key: str, act: Act, note: str) -> None:
        """Records that whoever acts has looked at it. Raises `NotFound`, `Conflict` when somebody has already."""
        kept = self._store.get_record(KIND, key)
        if kept is None:
            raise NotFound("unusual use", key)
        if kept["by"]:
            raise Conflict(key, kept["revision"] - 1, kept["revision"])
        seen = {"by": act.who, "at": at_utc(self._clock()), "note": redact(note)[:LONGEST_NOTE]}
        with self._log.carrying_out(act):
            self._store.put_record(KIND, key, {**kept, **seen}, kept["revision"])
