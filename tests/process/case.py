"""One application on its way, taken purely: no web, no store, and a date that stands until it is moved."""

from collections.abc import Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

import pytest

from portal.process.document import Json
from portal.process.errors import AnswersDoNotHold, OutOfTurn
from portal.process.goals import CALIFORNIA, WorkingDays
from portal.process.open_tasks import opening
from portal.process.step import BY_ITSELF, Actor, Grant, Process, Situation
from portal.process.take_step import advance, take_step
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from tests.journey import BESIDE_THE_WAY, UNTIL_RENEWAL, WAY, answers_to

MONDAY = date(2026, 11, 23)
"""When every application begins unless a test says otherwise: the Monday before Thanksgiving."""

RENEWAL_BEGINS = MONDAY + timedelta(days=UNTIL_RENEWAL)
"""When the renewal of what was signed on that Monday is begun: in the last half year of its term."""

CALENDAR = WorkingDays()


@dataclass
class World:
    """What a process may ask of outside its document: what a test says it is."""

    converted_on: str | None = "2026-01-05"
    granted_elsewhere: dict[str, int] = field(default_factory=dict)
    office_ids: dict[str, str] = field(default_factory=dict)
    altered: set[str] = field(default_factory=set)
    texts: dict[str, str] = field(default_factory=dict)
    records: dict[tuple[str, str], Json] = field(default_factory=dict)
    people: dict[str, list[Json]] = field(default_factory=dict)
    documents: dict[str, Json] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=lambda: {"mou_term_months": 36, "mou_term_from": "dcss"})

    def held(self, key: str, besides: str | None = None) -> int:
        return self.granted_elsewhere.get(key, 0)

    def holder(self, claim: str, value: str) -> str | None:
        known = self.office_ids.get(value) if claim == "office-id" else None
        holding = (one for one, document in self.documents.items() if document["claims"].get(claim) == value)
        return known or next(holding, None)

    def document(self, document_id: str) -> Json | None:
        return self.documents.get(document_id)

    def documents_of(self, lcsa: str, organization: str) -> list[Json]:
        found = self.documents.values()
        return [one for one in found if (one["lcsa"], one["organization"]) == (lcsa, organization)]

    def holders(self, role: str, lcsa: str) -> list[Json]:
        return self.people.get(role, [])

    def kept(self, kind: str, key: str) -> Json | None:
        if kind == "conversion-dates":
            return {"converted_on": self.converted_on} if self.converted_on else None
        return self.records.get((kind, key))

    def is_whole(self, sha256: str) -> bool:
        return sha256 not in self.altered

    def text_of(self, letter: str) -> str:
        return self.texts.get(letter, checksum(letter))

    def setting(self, name: str) -> Any:
        return self.settings[name]


def person(role: str, lcsa: str = "Kern", organization: str = "", email: str = "") -> Actor:
    """Who holds the role, in the scope that the role has."""
    scope = {"lcsa": lcsa, "organization": organization or f"{lcsa} IV-A"}
    names = THIRD_PARTY_ACCESS.role(role).scope
    grant = Grant(role, {name: scope[name] for name in names})
    place = lcsa.lower() if names else "state"
    return Actor(email or f"{role}@{place}.example", role.replace("-", " ").title(), (grant,))


def several(*people: Actor) -> Actor:
    """One person who holds all that these hold."""
    return replace(people[0], grants=tuple(grant for one in people for grant in one.grants))


@dataclass
class Case:
    """An application on its way, Kern IV-A's unless said. Taking a step proves that what was given stays as it is."""

    document: Json = field(default_factory=lambda: {"id": "TPA-2026-0007"})
    today: date = MONDAY
    lcsa: str = "Kern"
    world: World = field(default_factory=World)
    process: Process = THIRD_PARTY_ACCESS

    @property
    def now(self) -> datetime:
        """Ten in the morning in California."""
        return datetime.combine(self.today, time(10), CALIFORNIA)

    def on(self, day: date) -> "Case":
        """From this day on."""
        self.today = day
        return self

    def pass_days(self, days: int) -> "Case":
        """So many days later, weekends and all."""
        return self.on(self.today + timedelta(days=days))

    def pass_working_days(self, days: int) -> "Case":
        """So many working days later."""
        return self.on(CALENDAR.add(self.today, days))

    def who(self, role: str) -> Actor:
        """Who holds the role for this application."""
        return person(role, self.lcsa, self.document.get("organization", ""))

    def usual(self, step: str) -> dict[str, Any]:
        """The answers that move it on."""
        return answers_to(step, self.today, self.lcsa)

    def take(self, step: str, by: Actor | None = None, /, **other: Any) -> "Case":
        """Takes the step as its role would, with the usual answers except for those given (None: left out)."""
        return self.answer(step, {**self.usual(step), **other}, by)

    def answer(self, step: str, answers: Mapping[str, Any], by: Actor | None = None) -> "Case":
        """Takes the step with these answers alone."""
        by = by or self.who(self.process.step(step).role)
        given = deepcopy((self.document, answers))
        draft = self._taken(step, by, answers, [])
        letters = [
            {"name": name, "title": letter.title, "sha256": checksum(name), "to": [], "cc": [], "sample": letter.sample}
            for letter in self.process.step(step).letters
            if (letter.when is None or letter.when.since(draft) is not None) and (name := letter.name)
        ]
        new = self._taken(step, by, answers, letters)
        assert (self.document, answers) == given, "what was given has changed"
        self.document = new
        passes_on = self.process.step(step).passes_on
        for passing in passes_on(new) if passes_on else ():
            with suppress(KeyError, OutOfTurn):
                other = self.other(passing.document_id).answer(passing.step, {}, BY_ITSELF)
                self.world.documents[passing.document_id] = other.document
        return self

    def other(self, document_id: str) -> "Case":
        """Another application that the world knows, on the same day, from where this one is elsewhere."""
        world = replace(self.world, documents={**self.world.documents, self.document["id"]: self.document})
        return Case(world.documents[document_id], self.today, self.lcsa, world)

    def take_on(self, document_id: str, step: str, **other: Any) -> "Case":
        """Takes a step on another application that the world knows, and on this one what is passed on to it."""
        there = self.other(document_id).take(step, **other)
        self.document = there.world.documents[self.document["id"]]
        self.world.documents[document_id] = there.document
        return self

    def _taken(self, step: str, by: Actor, answers: Mapping[str, Any], letters: list[Json]) -> Json:
        facts = self.process.facts(self.world, self.process.step(step), self.document, dict(answers), by)
        if self.process.step(step).begins:
            facts = {**facts, "begun": "TPA-2026-0008"}
        return take_step(
            self.process, self.document, step, by, answers, self.now, calendar=CALENDAR, facts=facts, letters=letters
        )

    def situation(self, facts: Mapping[str, Any]) -> Situation:
        """What a form is drawn from, with these facts."""
        return Situation(self.document, facts, self.today)

    def problems(self, step: str, by: Actor | None = None, /, **other: Any) -> dict[str, str]:
        """The fields that do not hold, each with its message, when the usual answers are changed so."""
        return self.problems_of(step, {**self.usual(step), **other}, by)

    def problems_of(self, step: str, answers: Mapping[str, Any], by: Actor | None = None) -> dict[str, str]:
        """The same, of these answers alone. The application stays where it is."""
        by = by or self.who(self.process.step(step).role)
        try:
            self._taken(step, by, answers, [])
        except AnswersDoNotHold as error:
            return {problem.field: problem.message for problem in error.problems}
        return {}

    def out_of_turn(self, step: str, by: Actor | None = None, /, **other: Any) -> str:
        """Why the step cannot be taken now; fails when it can."""
        before = self.document
        with pytest.raises(OutOfTurn) as refused:
            self.take(step, by, **other)
        assert self.document is before
        return refused.value.why

    @property
    def waiting(self) -> set[str]:
        """The steps that somebody waits for on this day."""
        today = self.today.isoformat()
        return {task["step"] for task in self.document["open_tasks"] if (task["opens_on"] or "") <= today}

    @property
    def to_come(self) -> dict[str, str]:
        """The steps that open on their date, later than this day, and the date."""
        tasks = self.document["open_tasks"]
        return {task["step"]: task["opens_on"] for task in tasks if task["step"] not in self.waiting}

    @property
    def possible(self) -> set[str]:
        """The steps that can be taken by somebody, on their date if they have one."""
        return {step.key for step in self.process.steps if opening(self.process, step, self.document)}

    @property
    def status(self) -> str:
        """The application's status."""
        return str(self.document["status"])

    def task(self, step: str) -> Json:
        """The open task of this step."""
        return next(task for task in self.document["open_tasks"] if task["step"] == step)


def checksum(name: str) -> str:
    """A letter's checksum, as the store would give it."""
    return sha256(name.encode()).hexdigest()


def paper(name: str = "scan.pdf") -> Json:
    """A kept file, as an answer names it."""
    return {"name": name, "sha256": checksum(name), "size": 10_000}


def before(step: str) -> Case:
    """Kern IV-A's application when this step is the next on the way."""
    return after(WAY[WAY.index(step) - 1]) if step != WAY[0] else Case()


def after(step: str) -> Case:
    """Kern IV-A's application when this step was the last on the way, all on one Monday."""
    return Case(document=_document_after(step))


@cache
def _document_after(step: str) -> Json:
    """Documents are never changed, so that tests can share them: `Case.answer` proves it each time."""
    place = WAY.index(step)
    case = Case() if place == 0 else Case(document=_document_after(WAY[place - 1]))
    return case.take(step).document


def read_in(document: Json) -> Json:
    """The same application as if all of it had been read in from a sheet, on the day of its first entry."""
    made: Json = {"id": document["id"]}
    for entry in document["history"]:
        bare = {name: value for name, value in entry.items() if name not in ("seq", "previous", "hash", "letters")}
        told = {"file": "access.xlsx", "sha256": checksum("access.xlsx"), "row": 2, "on": None}
        made = advance(THIRD_PARTY_ACCESS, made, {**bare, "read_in": told}, CALENDAR)
    return made


def where_open(step: str) -> Case:
    """An application on which this step is open: on the way, or beside it."""
    if step in WAY:
        return before(step)
    beside = BESIDE_THE_WAY[step]
    if beside.renewal_after:
        case = renewal_after(beside.renewal_after).pass_days(beside.renewal_days)
        for key in beside.on_the_other:
            case.take_on(case.document["identify_requestor"]["renews"], key)
        return case
    case = after(beside.after)
    if beside.read_in:
        case.document = read_in(case.document)
    for key, answers in beside.then:
        case.take(key, **answers)
    case.pass_days(beside.days)
    for key in beside.later:
        case.take(key)
    return case


def renewal() -> Case:
    """What the renewal of Kern IV-A's agreement is begun from: nothing is taken on it yet, the old one is elsewhere."""
    old = where_open("start-renewal").take("start-renewal")
    about = {"lcsa": "Kern", "organization": "Kern IV-A", "identify_requestor": {"renews": old.document["id"]}}
    case = Case(document={"id": old.document["start_renewal"]["application"], **about}, today=RENEWAL_BEGINS)
    case.world.documents[old.document["id"]] = old.document
    case.world.people["director"] = [{"name": "Ines Duarte", "email": "director.kern@demo.example"}]
    return case


def renewal_after(step: str) -> Case:
    """The renewal of Kern IV-A's agreement when this step was the last on the way: begun by the Process Owner."""
    case = renewal()
    for each in WAY[: WAY.index(step) + 1]:
        case.take(each, person("process-owner") if each == "identify-requestor" else None)
    return case


def held_by_an_agreement_before() -> Case:
    """The renewal of Kern IV-A's agreement, in force and due for renewal itself, while two findings on the agreement
    before it are open: the standing is to be recorded.
    """
    case = renewal_after("confirm-access").pass_days(UNTIL_RENEWAL)
    (old,) = case.world.documents.values()
    audited = Case(document=old, today=case.today).take("open-audit").take("record-finding")
    case.world.documents[old["id"]] = audited.document
    return case.take("renewal-notice")


STEPS = tuple(step.key for step in THIRD_PARTY_ACCESS.steps)
"""Every step of the process, in the table's order."""
