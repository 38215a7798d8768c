"""The demo: accounts for every role, and applications in all stages in three counties, made through the real steps.
Some are lived through years (`portal.demo_living`).

The same ones every time: what differs between two runs is only the day from which their dates are counted back.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import repeat
from typing import Any

from portal import actions, demo_living
from portal.demo_answers import Organization, answers_to, organization
from portal.demo_many import Bulk
from portal.demo_people import CONVERSIONS, Cast, make_people
from portal.demo_people import PASSWORD as PASSWORD
from portal.demo_people import key_of as key_of
from portal.demo_years import Ago, dated
from portal.notices import queueing
from portal.parts import Portal
from portal.process.document import Json
from portal.process.goals import CALIFORNIA, california_date
from portal.process.step import Actor
from portal.store.port import Scope, Search

ONE_BY_ONE = 60
"""So many applications are made as people make them, each step written by itself; the rest in bulk."""

AT_ONCE = 1000
"""Documents made in bulk that are handed to the store together."""

RECORDS = "demo"
"""Records that say how many applications were made in bulk."""

MADE = demo_living.MADE


class RealPeople(Exception):
    """The store holds accounts that were not made for a demo."""


def make(portal: Portal, number: int) -> int:
    """Makes what is not there yet of accounts, and `number` applications; returns how many applications were made."""
    if any(not person.demo for person in portal.people.everyone()):
        raise RealPeople("There are accounts of real people here: the demo is for a store of its own.")
    make_people(portal)
    for county, converted_on in CONVERSIONS.items():
        if portal.store.get_record("conversion-dates", county) is None:
            portal.store.put_record("conversion-dates", county, {"converted_on": converted_on})
    made = demo_living.live(portal, number)
    for place in range(min(number, ONE_BY_ONE)):
        made += _make_application(portal, place)
    if number > ONE_BY_ONE:
        made += _make_many(portal, number)
    queueing.queue_owed(portal)
    while portal.mail.deliver():
        pass
    return made


# How far each application comes: the steps that are taken, with answers other than the usual where they differ.

Way = tuple[tuple[str, Mapping[str, Any]], ...]


def turns(*steps: str | tuple[str, Mapping[str, Any]]) -> Way:
    """Steps one after the other, each with answers other than the usual where it has any."""
    return tuple((step, {}) if isinstance(step, str) else step for step in steps)


_INVITED = turns("identify-requestor", "schedule-invitation", "send-invitation")
_APPLIED = _INVITED + turns("complete-application")
_ROUTED = _APPLIED + turns("route-application")
_REVIEWED = _ROUTED + turns("connectivity-test", "legal-opinion")
_SENT = _REVIEWED + turns("send-to-owner")
_DECIDED = _SENT + turns("decide")
_ACCEPTED = _DECIDED + turns("send-decision")
_SIGNED = _ACCEPTED + turns("certify-users", "sign-mou")
_COUNTERSIGNED = _SIGNED + turns("countersign-mou")
_POSTED = _COUNTERSIGNED + turns("post-approval")
_OFFICE = _POSTED + turns("file-mou", "create-office-id")
_DIRECTED = _OFFICE + turns("direct-setup")
_SET_UP = _DIRECTED + turns("evaluate-infrastructure", "set-up-accounts")
_ACTIVE = _SET_UP + turns("confirm-access")

_RETURN = {"outcome": "return", "reason": "Please name one person to invite rather than a department."}
_CORRECT = {"outcome": "return", "correction": "Please give a direct phone number of the information security officer."}
_QUESTION = {
    "opinion": "clarification",
    "opinion_text": "Do the workers look up addresses, or only whether an order exists and what was paid?",
    "delay_reason": "purpose-unclear",
}
_FAILED = {"result": "does-not-connect", "findings": "The county firewall blocks the port to the point of presence."}
_REJECT = {"decision": "reject", "reason": "The purpose described is not one for which the law allows disclosure."}
_NOT_AUTHORIZED = {
    "opinion": "not-authorized",
    "opinion_text": "None of the authorities covers the purpose described.",
}

WAYS: tuple[Way, ...] = (
    _ACCEPTED,
    turns("identify-requestor"),
    _INVITED,
    _OFFICE,
    _DIRECTED,
    _SET_UP,
    _ROUTED,
    _APPLIED,
    _ACTIVE,
    _REVIEWED,
    _POSTED,
    _SENT,
    turns("identify-requestor", ("schedule-invitation", _RETURN)),
    _DECIDED,
    _COUNTERSIGNED,
    _SIGNED,
    _APPLIED + turns(("route-application", _CORRECT)),
    _ROUTED + turns(("legal-opinion", _QUESTION)),
    _ROUTED + turns(("connectivity-test", _FAILED), "legal-opinion"),
    turns("identify-requestor", ("schedule-invitation", {"invitation_date": Ago(-9)})),
    _ROUTED + turns("connectivity-test", ("legal-opinion", _NOT_AUTHORIZED), "send-to-owner", ("decide", _REJECT), "send-decision"),
    _ROUTED + turns(("legal-opinion", _QUESTION), "clarify", "connectivity-test"),
    _APPLIED + turns("withdraw"),
    _ACTIVE,
    _DECIDED,
    _ACTIVE,
)  # fmt: skip
"""One after the other, round and round: where each application stands."""


@dataclass(frozen=True, slots=True)
class _Turn:
    """One step of one application: who takes it, when, and with which answers besides the usual, as of today."""

    step: str
    actor: Actor
    other: Mapping[str, Any]
    now: datetime
    today: date

    def answers(self, one: Organization, document: Json) -> Json:
        """What is answered, on the document as it is."""
        return {**answers_to(self.step, one, california_date(self.now), document), **dated(self.other, self.today)}


def _turns_of(portal: Portal, place: int, way: Way) -> Iterator[_Turn]:
    """The steps of the application at this place on this way, the same every time."""
    cast = Cast(portal, organization(place))
    chance = random.Random(place)  # noqa: S311 - the same numbers every time are what is wanted
    days = [chance.choice((1, 2, 3, 5, 8)) for _ in way]
    waited = chance.choice((0, 2, 6, 12, 18, 30)) if len(way) > 1 else chance.choice((1, 9, 20))
    day = portal.today - timedelta(days=sum(days) + waited)
    for (step_key, other), gap in zip(way, days, strict=True):
        day = _weekday(day + timedelta(days=gap), portal)
        now = min(datetime.combine(day, time(9 + place % 8, place % 60), CALIFORNIA), portal.clock())
        actor = cast.actor("director" if step_key == "withdraw" else portal.process.step(step_key).role)
        yield _Turn(step_key, actor, other, now, portal.today)


def _make_application(portal: Portal, place: int) -> int:
    one = organization(place)
    if portal.store.get_record(MADE, str(place)) is not None:
        return 0
    document: Json = {}
    for turn in _turns_of(portal, place, WAYS[place % len(WAYS)]):
        answers = turn.answers(one, document)
        if document:
            document = actions.take(portal, document["id"], turn.step, turn.actor, answers, now=turn.now)
        else:
            document = actions.begin(portal, turn.actor, answers, now=turn.now)
            portal.store.put_record(MADE, str(place), {"document": document["id"]})
    return 1


def _make_many(portal: Portal, number: int) -> int:
    """Makes the applications from the sixty-first on, in bulk; returns how many."""
    kept = portal.store.get_record(RECORDS, "in-bulk")
    begun = kept["made"] if kept else ONE_BY_ONE
    bulk = Bulk(portal)
    for first in range(begun, number, AT_ONCE):
        places = list(range(first, min(first + AT_ONCE, number)))
        if first == begun:
            # Whoever made some of them before may have been cut off before noting it.
            places = [place for place in places if not _is_there(portal, organization(place))]
        with portal.store.writing() as writing:
            ids = [writing.new_id(portal.process.prefix, portal.today.year) for _ in places]
        ways = [WAYS[place % len(WAYS)] for place in places]
        bulk.hand_over(list(map(made_in_bulk, repeat(bulk), places, ways, ids)))
        portal.store.put_record(RECORDS, "in-bulk", {"made": min(first + AT_ONCE, number)})
    return max(0, number - begun)


def made_in_bulk(bulk: Bulk, place: int, way: Way, document_id: str) -> Json:
    """The application at this place, taken this way; not kept yet."""
    one, document = organization(place), {"id": document_id}
    for turn in _turns_of(bulk.portal, place, way):
        document = bulk.take(document, turn.step, turn.actor, turn.answers(one, document), turn.now)
    return document


def _is_there(portal: Portal, one: Organization) -> bool:
    return portal.store.search(Search(scopes=(Scope("", one.county, one.name),)), limit=1).total > 0


def _weekday(day: Any, portal: Portal) -> Any:
    """The day, or the next one on which offices work; never after today."""
    while not portal.calendar.is_working_day(day):
        day += timedelta(days=1)
    return min(day, portal.today)
