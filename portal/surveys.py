"""Survey rounds: sent to every organization with access, or to those of some LCSAs, and their answers side by side [9].

A round is kept as a record, and whom it goes to as one for each LCSA. It is sent application by application, as a step
of the Process Owner on each; where that stops, it can go on, and nobody is asked twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from portal import actions
from portal.audit import Act, Origin
from portal.audit.access_log import BY_ITSELF as OF_THE_PORTAL
from portal.parts import Portal
from portal.process.document import Json, at_utc, section
from portal.process.errors import AnswersDoNotHold, NotYourTurn, OutOfDate, OutOfScope, OutOfTurn
from portal.process.goals import california_day
from portal.process.policy import readable
from portal.process.step import Actor
from portal.process.third_party_access import weighed
from portal.process.third_party_access.accounts import granted
from portal.process.third_party_access.guide import CHANGES, GUIDE, in_force
from portal.process.third_party_access.reference import row_drawn_on
from portal.process.third_party_access.surveys import (
    ENOUGH,
    RECIPIENTS,
    ROUNDS,
    answer_in_round,
    count_key,
    key_of,
    recipients_key,
    replaced_by,
    was_asked,
)
from portal.process.third_party_access.users import accounts_in_use
from portal.store.errors import Conflict, Damaged, NotFound, Unavailable
from portal.store.port import Page, Search

AT_A_TIME = 100
"""So many are sent before the page is drawn anew with how far it has come."""

TRIES = 3
"""So often a step is tried on an application that somebody else is writing."""

WITH_ACCESS = Search(process="third-party-access", statuses=("active",), by_name=True)
"""Whom a round can go to."""


@dataclass(frozen=True, slots=True)
class Round:
    """A round: what is asked under which name, by when, of how many applications in which LCSAs; it was sent up to the
    one at `position`.
    """

    key: str
    name: str
    question: str
    answer_by: str
    counts: Mapping[str, int]
    position: int
    by: str
    by_name: str
    at: str

    @property
    def total(self) -> int:
        """How many applications it goes to."""
        return sum(self.counts.values())

    @property
    def is_sent(self) -> bool:
        """Whether all of them had their turn."""
        return self.position >= self.total


@dataclass(frozen=True, slots=True)
class Progress:
    """How many were asked, how many have answered, and what; of how many a newer survey took the place before that."""

    sent: int
    answered: int
    replaced: int
    answers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Answered:
    """One application of a round: what it answered, beside what it has and what the guide has for it."""

    document_id: str
    lcsa: str
    organization: str
    state: str
    """`answered`, `asked`, `replaced` by a newer survey that is to be answered in its place, or `not asked`."""
    replaced_by: str
    enough: str
    accounts_needed: int | None
    reason: str
    answered_on: Any
    granted: int
    in_use: int
    reserved: int
    left: int
    row: str
    """The key of the guide's row on which it draws, or would, where there is none."""
    has_row: bool


class NobodyToAsk(ValueError):
    """No organization of these LCSAs has access."""


def all_rounds(portal: Portal) -> list[Round]:
    """Every round, the newest first."""
    found = [_round(key, record) for key, record in portal.store.records(ROUNDS)]
    return sorted(found, key=lambda one: one.at, reverse=True)


def get(portal: Portal, key: str) -> Round | None:
    """The round of this key, or None."""
    record = portal.store.get_record(ROUNDS, key) if key else None
    return _round(key, record) if record else None


def counted(portal: Portal, lcsas: Sequence[str]) -> dict[str, int]:
    """How many organizations have access in each of these LCSAs (none given: in all)."""
    counts = portal.store.count_by_lcsa(WITH_ACCESS)
    return {lcsa: number for lcsa, number in sorted(counts.items()) if not lcsas or lcsa in lcsas}


def begin(
    portal: Portal, name: str, question: str, answer_by: str, lcsas: Sequence[str], actor: Actor, act: Act
) -> Round:
    """Keeps a new round and whom it goes to; nothing is sent yet.

    Raises `Conflict` when there is a round of this name, `NobodyToAsk`, `Unavailable`.
    """
    key = key_of(name)
    recipients = {
        lcsa: [row.id for row in portal.store.listed(replace(WITH_ACCESS, lcsa=lcsa), 0, number).rows]
        for lcsa, number in counted(portal, lcsas).items()
    }
    counts = {lcsa: len(ids) for lcsa, ids in recipients.items() if ids}
    if not counts:
        raise NobodyToAsk("No organization of these LCSAs has access.")
    record = {
        "name": name,
        "question": question,
        "answer_by": answer_by,
        "counts": counts,
        "position": 0,
        "by": actor.email,
        "by_name": actor.name,
        "at": at_utc(portal.clock()),
    }
    with portal.log.telling(act) as tell, portal.store.writing() as writing:
        if kept := portal.store.get_record(ROUNDS, key):
            raise Conflict(f"{ROUNDS}/{key}", 0, kept["revision"])
        tell(writing, record=key, why=f"to {sum(counts.values())}")
        for lcsa, ids in recipients.items():
            portal.store.put_record(RECIPIENTS, recipients_key(key, lcsa), {"ids": ids})
        return _round(key, portal.store.put_record(ROUNDS, key, record, expected_revision=0))


def send(portal: Portal, key: str, actor: Actor, at_most: int = AT_A_TIME, origin: Origin = OF_THE_PORTAL) -> Round:
    """Takes the step on the next applications of the round, and returns the round as it stands then.

    One whose access has ended meanwhile is passed over, and one that was asked already. Raises KeyError when there is
    no such round; `NotYourTurn`, `OutOfScope`, `Unavailable`: those who had their turn before stay asked.
    """
    found = get(portal, key)
    if found is None:
        raise KeyError(key)
    position = found.position
    try:
        for document_id in recipients(portal, found, position, at_most):
            if not _ask(portal, found, document_id, actor, origin):
                break
            position += 1
    finally:
        with suppress(Unavailable):  # the next time begins earlier, and passes over those who were asked
            _note(portal, key, position)
    return get(portal, key) or found


def send_what_is_left(portal: Portal) -> list[str]:
    """Goes on with every round that was interrupted, for whoever sent it; returns what could not be done, in words."""
    problems = []
    for found in all_rounds(portal):
        sender = portal.people.get(found.by)
        while not found.is_sent:
            before = found.position
            if sender is None or not sender.active:
                problems.append(f"survey “{found.name}”: whoever sent it has no account any more")
                break
            try:
                found = send(portal, found.key, sender.actor)
            except (NotYourTurn, OutOfScope):
                problems.append(f"survey “{found.name}”: {sender.name} is not the Process Owner any more")
                break
            if found.position == before:
                break  # the next run goes on
    return problems


def _ask(portal: Portal, found: Round, document_id: str, actor: Actor, origin: Origin) -> bool:
    """Whether the application had its turn: False when somebody else kept writing it."""
    answers = {"name": found.name, "question": found.question, "answer_by": found.answer_by}
    for _ in range(TRIES):
        try:
            actions.take(portal, document_id, "survey", actor, answers, origin=origin)
        except (OutOfDate, Conflict):
            continue  # somebody wrote the application meanwhile
        except (OutOfTurn, AnswersDoNotHold, NotFound, Damaged):
            return True  # its access has ended, it was asked already, or it cannot be read
        return True
    return False


def _note(portal: Portal, key: str, position: int) -> None:
    """How far the round has come; two who send it at once only do what the other did already."""
    kept = portal.store.get_record(ROUNDS, key)
    if kept is not None and kept["position"] < position:
        with suppress(Conflict):
            portal.store.put_record(ROUNDS, key, {**kept, "position": position}, kept["revision"])


def recipients(portal: Portal, found: Round, offset: int = 0, limit: int | None = None) -> Iterator[str]:
    """The ids of the applications that the round goes to, by LCSA and name, from this one on."""
    before, end = 0, found.total if limit is None else offset + limit
    for lcsa, number in found.counts.items():
        first, last = max(offset - before, 0), min(end - before, number)
        before += number
        if first < last:
            kept = portal.store.get_record(RECIPIENTS, recipients_key(found.key, lcsa)) or {"ids": []}
            yield from kept["ids"][first:last]


def progress(portal: Portal, key: str) -> Progress:
    """How many were asked and have answered in this round."""
    held = portal.store.held
    return Progress(
        held(count_key(key, "sent")),
        held(count_key(key, "answered")),
        held(count_key(key, "replaced")),
        {choice.value: held(count_key(key, choice.value)) for choice in ENOUGH},
    )


def page(portal: Portal, found: Round, actor: Actor, offset: int, limit: int) -> Page[Answered]:
    """A page of the round's applications, side by side, as this person may read them."""
    rows = list(_answered(portal, found, actor, recipients(portal, found, offset, limit)))
    return Page(rows, offset, found.total)


def every_row(portal: Portal, found: Round, actor: Actor) -> Iterator[Answered]:
    """All of them, one after the other, for a file."""
    return _answered(portal, found, actor, recipients(portal, found))


def _answered(portal: Portal, found: Round, actor: Actor, ids: Iterator[str]) -> Iterator[Answered]:
    for document_id in ids:
        try:
            document = portal.store.get(document_id)
        except (NotFound, Damaged):
            continue  # it is named where damage is told of
        process = portal.process_of(document)
        yield _beside_the_guide(portal, found, document, readable(process, document, actor))


def _beside_the_guide(portal: Portal, found: Round, document: Json, shown: Json) -> Answered:
    entry = answer_in_round(shown, found.key)
    answers = entry["answers"] if entry else {}
    kind = section(shown, "identify-requestor").get("organization_type", "other")
    newer = "" if entry else replaced_by(shown, found.key)
    reserve = weighed(actions.elsewhere(portal), document["lcsa"], kind, None)
    row = row_drawn_on(document["lcsa"], kind)
    return Answered(
        document_id=document["id"],
        lcsa=document["lcsa"],
        organization=document["organization"],
        state=_state(shown, found.key, entry is not None, newer),
        replaced_by=newer,
        enough=next((choice.label for choice in ENOUGH if choice.value == answers.get("enough")), ""),
        accounts_needed=answers.get("accounts_needed"),
        reason=answers.get("reason", ""),
        answered_on=california_day(entry["at"]) if entry else None,
        granted=granted(shown),
        in_use=len(accounts_in_use(shown)),
        reserved=reserve["reserved"],
        left=reserve["left"],
        row=row.key,
        has_row=row.key in in_force(portal.store.get_record(GUIDE, CHANGES)),
    )


def _state(shown: Json, key: str, is_answered: bool, newer: str) -> str:
    if is_answered or not was_asked(shown, key):
        return "answered" if is_answered else "not asked"
    return "replaced" if newer else "asked"


def _round(key: str, record: Mapping[str, Any]) -> Round:
    names = ("name", "question", "answer_by", "counts", "position", "by", "by_name", "at")
    return Round(key, **{name: record[name] for name in names})
