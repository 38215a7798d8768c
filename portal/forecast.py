"""The gap forecast: when the successor of an agreement that nears its end will probably be signed, and how many days
without access that leaves [10].

It rests on how long the stages from a renewal's notice to DCSS's signature have really taken here. `flask daily` works
it out for every agreement in one pass, and keeps it, the worst first; an application's page works out its own, of the
statistics that were kept. Days are calendar days.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from math import ceil
from statistics import median
from typing import Any

from portal.parts import Portal
from portal.process.conditions import Begun, Later, Taken
from portal.process.document import Json, last_entry, was_read_in
from portal.process.goals import add_months, california_day
from portal.process.third_party_access.application import OPINION_ON_FILE, REJECTED, board_days
from portal.process.third_party_access.renewal import notice_on
from portal.process.third_party_access.succession import UNDER_WAY
from portal.process.third_party_access.term import IN_FORCE, TERMINATED, last_day_of_term
from portal.records import put_if_other
from portal.store.errors import NotFound
from portal.store.port import Page

ENOUGH = 5
"""So many cases must a stage rest on; with fewer, the goals of the process stand in."""

MONTHS = 24
"""Agreements that end within so many months are foretold."""

_POSTED_FIRST = Begun("post-approval")

RECORDS = "gap-forecast"
"""Records of the forecast: what it rests on under `STATISTICS`, and its rows under the number of their page."""

STATISTICS = "statistics"
ROWS = 25
"""Rows in one record, and on one page."""


class DatesContradict(ValueError):
    """A document's dates cannot be: something ends before it begins, or is signed before it was sent."""

    def __init__(self, document_id: str, why: str) -> None:
        super().__init__(f"{document_id}: {why}")
        self.document_id, self.why = document_id, why


@dataclass(frozen=True, slots=True)
class Stage:
    """From one milestone to the next. `stands_in` are the days that count while too few cases are known, `because` says
    where they come from.
    """

    key: str
    title: str
    stands_in: int
    because: str


STAGES = (
    Stage("apply", "From the beginning to the application", 51, "goal of 15 working days, and 30 days besides"),
    Stage("opinion", "From the application to Legal's opinion", 21, "goal of 15 working days"),
    Stage("decide", "From the opinion to the decision", 21, "goal of 15 working days"),
    Stage("send", "From the decision until its letter is sent", 0, "the goal of the decision covers it"),
    Stage("sign", "From the letter to the organization's signature", 30, "30 days: the organization has no goal"),
    Stage("countersign", "From the organization's signature to DCSS's", 21, "goal of 15 working days"),
)  # fmt: skip
"""The way to a signed agreement."""

BEGIN = Stage("begin", "From the day of the renewal notice to the beginning", 30, "30 days: there is no goal")
"""What comes before that way while no renewal is begun: notice, standing, and the start [10.1]."""


@dataclass(frozen=True, slots=True)
class Duration:
    """How long a stage takes: half of the cases took no more than `half` days, nine of ten no more than `nine_of_ten`.
    With fewer than `ENOUGH` cases both are what stands in.
    """

    cases: int
    half: int
    nine_of_ten: int

    @property
    def is_measured(self) -> bool:
        """Whether it rests on what was seen here."""
        return self.cases >= ENOUGH


Statistics = Mapping[str, Duration]
"""By stage."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """One agreement: its end, when its successor will probably be signed (`late`: in nine of ten cases by then), and
    the days without access that each leaves. `stage` is where the successor is, empty before it is begun. `has_ended`:
    the gap has begun.
    """

    document_id: str
    lcsa: str
    organization: str
    ends_on: date
    begins_on: date
    board_days: int
    successor: str
    stage: str
    signed_on: date
    signed_late: date
    gap: int
    gap_late: int
    has_ended: bool = False  # what was kept before ended ones were has none of them

    @property
    def without_since(self) -> date | None:
        """The first day without access; None while the agreement is in force."""
        return self.ends_on + timedelta(days=1) if self.has_ended else None


def milestones(document: Json) -> list[date]:
    """The California dates of the milestones reached, in their order: begun, application, opinion, decision, letter,
    signed, signed by DCSS. What was returned is not reached, and what both sides sign anew once the approval is posted
    is no part of the way. Raises `DatesContradict`.
    """
    returned = (Taken("route-application", "outcome", ("return",)), Taken("return-mou"))
    steps = (
        Taken("identify-requestor"),
        Later(Taken("complete-application"), returned[0]),
        OPINION_ON_FILE,
        Taken("decide"),
        Taken("send-decision"),
        Later(Taken("sign-mou"), returned[1]),
        Taken("countersign-mou"),
    )
    posted = _POSTED_FIRST.since(document)
    document = {**document, "history": document["history"][:posted]}
    found = [california_day(document["history"][0]["at"])]
    for step in steps[1:]:
        seq = step.since(document)
        if seq is None:
            break
        day = california_day(document["history"][seq - 1]["at"])
        if day < found[-1]:
            raise DatesContradict(document["id"], f"entry {seq} is of {day}, and what it follows of {found[-1]}")
        found.append(day)
    return found


def renews_now(document: Json) -> str:
    """The id of the application whose agreement this one is about to renew; empty when it renews none, or came to
    nothing: rejected, though the letter may not be sent yet, or withdrawn.
    """
    return "" if REJECTED.since(document) is not None else str(document["claims"].get("renews", ""))


def days_of_stages(reached: Sequence[date]) -> Iterator[tuple[str, int]]:
    """Each stage that is over, with the days that it took."""
    for stage, begun, over in zip(STAGES, reached, reached[1:], strict=False):
        yield stage.key, (over - begun).days


def days_to_begin(document: Json) -> int | None:
    """How many days it took until the renewal of this agreement was begun, from the day of its notice, or from the day
    on which it was read in where that is later; None while none is.
    """
    started, notice = last_entry(document, "start-renewal"), notice_on(document)
    if started is None or notice is None:
        return None
    since = max(notice, california_day(document["history"][0]["at"]))
    return max(0, (california_day(started["at"]) - since).days)


def statistics_of(days: Mapping[str, Sequence[int]]) -> Statistics:
    """What the cases of each stage come to; what stands in where there are too few."""
    found = {}
    for stage in (BEGIN, *STAGES):
        cases = sorted(days.get(stage.key, ()))
        if len(cases) < ENOUGH:
            found[stage.key] = Duration(len(cases), stage.stands_in, stage.stands_in)
        else:
            nine_of_ten = cases[ceil(len(cases) * 0.9) - 1]  # the nearest rank: a case that there was
            found[stage.key] = Duration(len(cases), ceil(median(cases)), nine_of_ten)
    return found


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a forecast must know of an agreement that is in force, or has ended while its renewal is under way."""

    document_id: str
    lcsa: str
    organization: str
    ends_on: date
    notice_on: date
    board_days: int
    has_ended: bool = False


def access_is_at_stake(document: Json) -> bool:
    """Whether its agreement is in force, or has ended on its date while its renewal is under way."""
    status = document["status"]
    return status in IN_FORCE or (status == "ended" and UNDER_WAY.since(document) is not None)


def _is_approved(successor: Json) -> bool:
    """Whether a renewal is in force, or is as soon as the one before has ended: there is no gap any more."""
    return "post_approval" in successor


def agreement_of(document: Json) -> Agreement | None:
    """This document's agreement; None without one, or when it is not to be renewed. Raises `DatesContradict`."""
    end, notice = last_day_of_term(document), notice_on(document)
    if end is None or notice is None or TERMINATED.since(document) is not None:
        return None
    effective = document["countersign_mou"].get("effective_on")
    if effective and end < date.fromisoformat(effective):
        raise DatesContradict(document["id"], f"it ends on {end}, and takes effect on {effective}")
    return Agreement(
        document["id"], document["lcsa"], document["organization"], end, notice, board_days(document) or 0,
        document["status"] == "ended",
    )  # fmt: skip


def is_foretold(agreement: Agreement, today: date) -> bool:
    """Whether it ends within `MONTHS`."""
    return agreement.ends_on <= add_months(today, MONTHS)


def forecast(
    agreement: Agreement, statistics: Statistics, today: date, successor: str = "", reached: Sequence[date] = ()
) -> Forecast:
    """What is to be expected of this agreement on this date: `reached` are the milestones of its successor, if one is
    under way; else it will be begun as long after the notice as others were. A stage that takes longer than it usually
    does is over today at the earliest. A gap that has begun has lasted until today at the least, though both have
    signed: the approval is not posted.
    """
    begins = reached[0] if reached else max(today, agreement.notice_on)
    half, late = (
        _last_day(reached, {key: getattr(one, of) for key, one in statistics.items()}, agreement, today)
        for of in ("half", "nine_of_ten")
    )
    late = max(half, late)
    stage = STAGES[len(reached) - 1].title if 0 < len(reached) <= len(STAGES) else ""
    lasted = (today - agreement.ends_on).days if agreement.has_ended else 0
    gap, gap_late = (max(lasted, (day - agreement.ends_on).days - 1) for day in (half, late))
    return Forecast(
        agreement.document_id, agreement.lcsa, agreement.organization, agreement.ends_on, begins,
        agreement.board_days, successor, stage, half, late, gap, gap_late, agreement.has_ended,
    )  # fmt: skip


def _last_day(reached: Sequence[date], days: Mapping[str, int], agreement: Agreement, today: date) -> date:
    """The day of the last milestone, when each stage that is left takes so many days, and the signature the board's
    besides.
    """
    day = reached[-1] if reached else max(today, agreement.notice_on + timedelta(days=days[BEGIN.key]))
    for stage in STAGES[max(0, len(reached) - 1) :]:
        day = max(today, day + timedelta(days=days[stage.key] + (agreement.board_days if stage.key == "sign" else 0)))
    return day


def the_worst_first(found: Iterable[Forecast]) -> list[Forecast]:
    """Gaps that have begun first; then most days without access, most in the worse case, the earliest end."""
    return sorted(found, key=lambda one: (not one.has_ended, -one.gap, -one.gap_late, one.ends_on, one.document_id))


# Worked out by `flask daily`, and kept.


class Gathering:
    """What one pass over all documents brings together: how long the stages took, agreements, and their successors."""

    def __init__(self, portal: Portal) -> None:
        self._portal, self._today, self._problems = portal, portal.today, list[str]()
        self._days: dict[str, list[int]] = {stage.key: [] for stage in (BEGIN, *STAGES)}
        self._agreements: list[Agreement] = []
        self._successors: dict[str, tuple[str, list[date]]] = {}
        self._approved: set[str] = set()

    def look_at(self, document: Json) -> None:
        """Takes this document into account; one that contradicts itself is left out, and is a problem."""
        try:
            reached = milestones(document)
            agreement = agreement_of(document) if access_is_at_stake(document) else None
        except DatesContradict as contradiction:
            self._problems.append(str(contradiction))
            return
        if not was_read_in(document):  # what is older than the portal took its steps elsewhere
            for stage, took in days_of_stages(reached):
                self._days[stage].append(took)
        if (took_to_begin := days_to_begin(document)) is not None:
            self._days[BEGIN.key].append(took_to_begin)
        if old := renews_now(document):
            self._successors[old] = (document["id"], reached)
            if _is_approved(document):
                self._approved.add(old)
        if agreement and is_foretold(agreement, self._today):
            self._agreements.append(agreement)

    def keep(self) -> list[str]:
        """Keeps statistics and the forecast of every agreement. Returns the problems, in words."""
        statistics = statistics_of(self._days)
        rows = the_worst_first(
            forecast(one, statistics, self._today, *self._successors.get(one.document_id, ("", ())))
            for one in self._agreements
            if not one.has_ended or (one.document_id in self._successors and one.document_id not in self._approved)
        )
        _keep(self._portal, statistics, rows, self._today)
        return self._problems


def _keep(portal: Portal, statistics: Statistics, rows: Sequence[Forecast], today: date) -> None:
    pages = [rows[at : at + ROWS] for at in range(0, len(rows), ROWS)]
    before = portal.store.get_record(RECORDS, STATISTICS) or {}
    for place, page in enumerate(pages):
        put_if_other(portal.store, RECORDS, _page_key(place), {"rows": [_as_json(one) for one in page]})
    gaps = [one for one in rows if one.gap]
    kept = {
        "as_of": today.isoformat(),
        "stages": {key: asdict(duration) for key, duration in statistics.items()},
        "total": len(rows),
        "gaps": len(gaps),
        "without": sum(one.has_ended for one in rows),
        "worst": _as_json(gaps[0]) if gaps else None,
        "by_month": _by_month(rows),
    }
    put_if_other(portal.store, RECORDS, STATISTICS, kept)
    for place in range(len(pages), -(-before.get("total", 0) // ROWS)):
        portal.store.delete_record(RECORDS, _page_key(place))


def _by_month(rows: Sequence[Forecast]) -> dict[str, list[int]]:
    """How many agreements end in each month (`2026-11`), how many of them with a gap, and how many with one in the
    worse case alone. Those that have ended are none of them.
    """
    found: dict[str, list[int]] = {}
    for one in sorted((one for one in rows if not one.has_ended), key=lambda one: one.ends_on):
        counted = found.setdefault(f"{one.ends_on:%Y-%m}", [0, 0, 0])
        counted[0] += 1
        counted[1] += one.gap > 0
        counted[2] += one.gap == 0 and one.gap_late > 0
    return found


def _page_key(place: int) -> str:
    return f"{place:06}"


_DATES = ("ends_on", "begins_on", "signed_on", "signed_late")


def _as_json(one: Forecast) -> Json:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(one).items()}


def _from_json(kept: Mapping[str, Any]) -> Forecast:
    days: dict[str, Any] = {name: date.fromisoformat(kept[name]) for name in _DATES}
    return Forecast(**{**kept, **days})


@dataclass(frozen=True, slots=True)
class Kept:
    """What was kept last: as of which day, the statistics, how many agreements, how many of them with a gap, and with
    one that has begun (`without`), the worst of those; and for each month in which some end (`2026-11`) how many, with
    a gap, and with one in the worse case alone.
    """

    as_of: date | None
    statistics: Statistics
    total: int
    gaps: int
    without: int
    worst: Forecast | None
    by_month: Mapping[str, Sequence[int]]


def kept(portal: Portal) -> Kept:
    """The forecast's head as kept last; before the first `flask daily` what stands in, as of no day."""
    record = portal.store.get_record(RECORDS, STATISTICS)
    if record is None:
        return Kept(None, statistics_of({}), 0, 0, 0, None, {})
    # What was kept before a stage was counted does not have it, until the next run.
    statistics = {**statistics_of({}), **{key: Duration(**duration) for key, duration in record["stages"].items()}}
    worst = _from_json(record["worst"]) if record["worst"] else None
    return Kept(
        date.fromisoformat(record["as_of"]),
        statistics,
        record["total"],
        record["gaps"],
        record.get("without", 0),  # kept before ended ones were, until the next run
        worst,
        record.get("by_month", {}),  # kept before months were counted, until the next run
    )


def page(portal: Portal, offset: int) -> Page[Forecast]:
    """A page of the forecast as kept; one record is read for it, however long the list."""
    place = offset // ROWS
    record = portal.store.get_record(RECORDS, _page_key(place)) or {"rows": []}
    return Page([_from_json(row) for row in record["rows"]], place * ROWS, kept(portal).total)


def every_row(portal: Portal) -> Iterator[Forecast]:
    """The whole forecast as kept, the worst first."""
    for key, record in portal.store.records(RECORDS):
        if key != STATISTICS:
            yield from map(_from_json, record["rows"])


# One application's own, as it is now.


def of_document(portal: Portal, document: Json) -> Forecast | None:
    """The forecast for this agreement, or for the one that this application renews, from the statistics that are kept.
    None when there is nothing to foretell: no access is at stake, or it ends later than that.
    """
    successor: Json | None = None
    if old_id := renews_now(document):
        successor, old = document, _document(portal, old_id)
    else:
        old = document
        successor = _document(portal, document.get("start_renewal", {}).get("application", ""))
    if old is None or not access_is_at_stake(old):
        return None
    if successor is not None and renews_now(successor) != old["id"]:
        successor = None
    try:
        agreement = agreement_of(old)
        reached = milestones(successor) if successor else []
    except DatesContradict:
        return None
    if agreement is None or not is_foretold(agreement, portal.today):
        return None
    if agreement.has_ended and (successor is None or _is_approved(successor)):
        return None
    return forecast(agreement, kept(portal).statistics, portal.today, successor["id"] if successor else "", reached)


def _document(portal: Portal, document_id: str) -> Json | None:
    try:
        return portal.store.get(document_id) if document_id else None
    except NotFound:
        return None
