"""The use cases: load, take the step, write the letters (`letters_of_steps`), replace the document. What a page or a
command does, it does here.

May import process, store, letters, notices, people and audit; knows no web.
"""

import hashlib
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from portal import letters_of_steps, organizations
from portal.audit import Act, Origin
from portal.audit.access_log import BY_ITSELF as OF_THE_PORTAL
from portal.letters_of_steps import Drawn
from portal.parts import Portal
from portal.process.document import Json, canonical, last_entry, section_name
from portal.process.errors import NotYourTurn, OutOfTurn
from portal.process.goals import california_date
from portal.process.policy import Turn, require_sight
from portal.process.step import BY_ITSELF, Actor, Beginning, Elsewhere, Passing, Process, Situation, Step
from portal.process.take_step import require_open, require_turn, take_step
from portal.store.errors import Damaged, NotFound, OutcomeUnknown, Unavailable
from portal.store.port import Search, Store, Writing

log = logging.getLogger(__name__)

LONGEST_UNKNOWN = 5.0
"""Seconds in which the store must say whether what it was given is kept."""

REQUESTS = "requests"
"""Records that say which document a form made, by the form's number: the same form sent twice makes one."""


@dataclass(frozen=True, slots=True)
class Turning:
    """A step about to be taken by somebody: everything that its form needs."""

    process: Process
    step: Step
    turn: Turn
    situation: Situation

    @property
    def document(self) -> Json:
        """The document as it is; without a history for the step that starts one."""
        return self.situation.document


class _Elsewhere:
    """What a process may ask of the world outside one document: read under the lock of the write to come (`writing`),
    or for a page as it is at this moment.

    `made` is the document that this block of writing makes, of which another document is to know already.
    """

    def __init__(self, portal: Portal, writing: Writing | None = None, made: Json | None = None) -> None:
        self._portal, self._made = portal, made
        self._documents: Writing | Store = writing or portal.store

    def held(self, key: str, besides: str | None = None) -> int:
        return self._documents.held(key, besides)

    def holder(self, claim: str, value: str) -> str | None:
        return self._documents.holder(claim, value)

    def document(self, document_id: str) -> Json | None:
        if self._made is not None and self._made["id"] == document_id:
            return self._made
        try:
            return self._documents.get(document_id)
        except NotFound:
            return None

    def documents_of(self, lcsa: str, organization: str) -> list[Json]:
        return organizations.documents_of(self._portal, lcsa, organization)

    def holders(self, role: str, lcsa: str) -> list[Json]:
        return [
            {"name": person.name, "title": person.title, "phone": person.phone, "email": person.email}
            for person in self._portal.people.with_role(role, lcsa)
        ]

    def kept(self, kind: str, key: str) -> Json | None:
        return self._portal.store.get_record(kind, key)

    def is_whole(self, sha256: str) -> bool:
        try:
            self._portal.store.get_file(sha256)
        except (NotFound, Damaged):
            return False
        return True

    def text_of(self, letter: str) -> str:
        return letters_of_steps.text_today(self._portal, letter)

    def setting(self, name: str) -> Any:
        return getattr(self._portal.settings, name)


def elsewhere(portal: Portal) -> Elsewhere:
    """What a process may ask of the world outside one document, as it is at this moment: to be looked at."""
    return _Elsewhere(portal)


def see(portal: Portal, document_id: str, actor: Actor) -> Json:
    """The whole document, for one who may see it; what they may not read is still in it (`policy.readable`).

    Raises `NotFound`, `OutOfScope`, `Damaged`.
    """
    document = portal.store.get(document_id)
    require_sight(portal.process_of(document), actor, document)
    return document


def turn_to(portal: Portal, document_id: str, step_key: str, actor: Actor) -> Turning:
    """The step as this person may take it now. Raises `NotFound`, `OutOfScope`, `NoSuchStep`, `NotYourTurn`,
    `OutOfTurn`.
    """
    document = see(portal, document_id, actor)
    process = portal.process_of(document)
    return _turning(portal, process, document, process.step(step_key), actor, {})


def turn_to_begin(portal: Portal, actor: Actor) -> Turning:
    """The step that starts a new document, for this person. Raises `NotYourTurn`."""
    return _turning(portal, portal.process, {}, portal.process.starting_step, actor, {})


def _turning(
    portal: Portal, process: Process, document: Json, step: Step, actor: Actor, answers: Mapping[str, Any]
) -> Turning:
    turn = require_turn(process, document, step, actor)
    require_open(process, document, step, portal.clock())
    facts = _facts(portal, process, step, document, answers, actor)
    return Turning(process, step, turn, Situation(document, facts, portal.today, actor, bool(turn.on_behalf_of)))


def _facts(
    portal: Portal, process: Process, step: Step, document: Json, answers: Mapping[str, Any], actor: Actor
) -> Mapping[str, Any]:
    """The facts from elsewhere as they are now; they are read again under the lock of the write."""
    return process.facts(_Elsewhere(portal), step, document, dict(answers), actor)


def with_facts(portal: Portal, turning: Turning, answers: Mapping[str, Any]) -> Situation:
    """The situation with the facts as they are for these answers: whether an office ID is taken, for one."""
    actor = turning.situation.actor
    assert actor is not None
    return _turning(portal, turning.process, turning.document, turning.step, actor, answers).situation


def under_way(portal: Portal, turning: Turning, answers: Mapping[str, Any]) -> str:
    """A sentence when the organization about to be entered is on its way already, on another document; else nothing."""
    assert turning.situation.actor is not None
    recorded = dict(answers)
    if turning.step.records is not None:
        recorded |= turning.step.records(turning.situation, recorded)
    header = turning.process.header({section_name(turning.step.key): recorded})
    on_their_way = tuple(key for key, _ in turning.process.statuses if key not in turning.process.ended)
    search = Search(
        process=turning.process.key,
        statuses=on_their_way,
        lcsa=header.get("lcsa"),
    )
    name = header.get("organization", "")
    search = replace(search, words=tuple(re.findall(r"\w+", name.casefold())))
    compared = organizations.name_as_compared(name)
    listed = portal.store.listed(search, limit=200).rows
    found = [one for one in listed if organizations.name_as_compared(one.organization) == compared]
    if not found:
        return ""
    status = turning.process.status_title(found[0].status).lower()
    return f"{found[0].organization} has an application already: {found[0].id} ({status})."


def take(
    portal: Portal,
    document_id: str,
    step_key: str,
    actor: Actor,
    answers: Mapping[str, Any],
    drawn_from: int | None = None,
    now: datetime | None = None,
    origin: Origin = OF_THE_PORTAL,
) -> Json:
    """Takes the step and returns the document as kept.

    Letters are drawn before the lock is taken, from the version that the form was drawn from: if that changes
    meanwhile the step is refused. The access log tells of the step before the document is written, or with it [O8.2].
    Raises what `take_step` raises, `NotFound`, `MissingFields`, `ClaimTaken`, `Unavailable`; after any of them nothing
    has changed.
    """
    now = now or portal.clock()
    document = see(portal, document_id, actor)
    process = portal.process_of(document)
    step = process.step(step_key)
    if drawn_from is None:
        drawn_from = document["version"]
    letters: Sequence[Json] = ()
    drawn: Sequence[Drawn] = ()
    if step.letters:
        drawn = _drawn(portal, process, document, step, actor, answers, drawn_from, now)
        letters = letters_of_steps.write_letters(portal, drawn)
    act = Act(actor.email, f"take {step_key}", document_id, origin=origin)
    with _found_out(portal) as trying, portal.log.telling(act) as tell, portal.store.writing() as writing:
        document = writing.get(document_id)
        facts = process.facts(_Elsewhere(portal, writing), step, document, dict(answers), actor)
        new = take_step(
            process, document, step_key, actor, answers, now,
            calendar=portal.calendar, facts=facts, drawn_from=drawn_from, letters=letters,
        )  # fmt: skip
        if step.begins is not None:
            beginning = step.begins(Situation(document, facts, california_date(now), actor), _newest_answers(new))
            begun = _begun(portal, writing, tell, process, beginning, actor, now)
            new = take_step(
                process, document, step_key, actor, answers, now,
                calendar=portal.calendar, facts={**facts, "begun": begun}, drawn_from=drawn_from, letters=letters,
            )  # fmt: skip
        for passing in step.passes_on(new) if step.passes_on is not None else ():
            _pass_on(portal, writing, tell, process, passing, new, now)
        tell(writing, **_entry_in_words(new))
        kept = trying.made = writing.replace(new, document["revision"])
    letters_of_steps.note_texts(
        portal, {one.record["text_sha256"]: one.template for one in drawn}, california_date(now)
    )
    if kept["status"] in process.ended:
        try:
            portal.people.end_links_about(kept["id"])
        except Unavailable:  # the step is taken, whatever becomes of its links
            log.exception("a closed application's links are still there", extra={"data": {"record": kept["id"]}})
    return kept


@dataclass
class _Trying:
    """What a block of writing makes of a document, once it has come so far."""

    made: Json | None = None


@contextmanager
def _found_out(portal: Portal) -> Iterator[_Trying]:
    """A block of writing that the store may leave without saying whether it is kept: then the document is asked for its
    newest entry. Raises `Unavailable` when that is not there, `OutcomeUnknown` when the store stays away.
    """
    trying = _Trying()
    try:
        yield trying
    except OutcomeUnknown as unknown:
        if trying.made is None:
            raise
        if not _is_kept(portal, trying.made, unknown):
            raise Unavailable(str(unknown)) from unknown


def _is_kept(portal: Portal, made: Json, unknown: OutcomeUnknown) -> bool:
    """Whether the document has this newest entry, as soon as the store says so."""
    until = time.monotonic() + LONGEST_UNKNOWN
    while True:
        try:
            with portal.store.writing() as writing:  # it waits for whoever may still be writing
                history = writing.get(made["id"])["history"]
            return made["history"][-1] in history
        except NotFound:
            return False
        except Unavailable as error:
            if time.monotonic() > until:
                raise unknown from error
            time.sleep(0.1)


def _newest_answers(document: Json) -> Json:
    answers: Json = document["history"][-1]["answers"]
    return answers


def _begun(
    portal: Portal,
    writing: Writing,
    tell: Callable[..., None],
    process: Process,
    beginning: Beginning,
    actor: Actor,
    now: datetime,
) -> str:
    """The id of the document that a step begins, which is kept before the step: a kill between the two leaves one that
    is found by its claim when the step is taken again, so that no second one is made.
    """
    holder = writing.holder(*beginning.claim)
    if holder is not None:
        return holder
    step, answers = process.starting_step, beginning.answers
    fresh = {"id": "", **beginning.about}
    facts = process.facts(_Elsewhere(portal, writing), step, fresh, dict(answers), actor)
    take_step(process, fresh, step.key, actor, answers, now, calendar=portal.calendar, facts=facts)
    fresh["id"] = writing.new_id(process.prefix, california_date(now).year)
    made = take_step(process, fresh, step.key, actor, answers, now, calendar=portal.calendar, facts=facts)
    tell(writing, record=made["id"], **_entry_in_words(made))
    return str(writing.add(made)["id"])


def _pass_on(
    portal: Portal,
    writing: Writing,
    tell: Callable[..., None],
    process: Process,
    passing: Passing,
    made: Json,
    now: datetime,
) -> None:
    """Takes on another document what the one that was `made` passes on to it; one that has ended, or knows the
    very same already, stays as it is.

    The other is kept first: a kill between the two leaves a step that is taken again, and passes on nothing new.
    """
    with suppress(NotFound, OutOfTurn):
        other = writing.get(passing.document_id)
        step = process.step(passing.step)
        facts = process.facts(_Elsewhere(portal, writing, made), step, other, {}, BY_ITSELF)
        new = take_step(process, other, step.key, BY_ITSELF, {}, now, calendar=portal.calendar, facts=facts)
        known = last_entry(other, step.key)
        if known is not None and known["answers"] == _newest_answers(new):
            return
        words = _entry_in_words(new)
        tell(writing, record=new["id"], role=words["role"], why=f"{words['why']}, by the portal: {step.key}")
        writing.replace(new, other["revision"])


def begin(
    portal: Portal,
    actor: Actor,
    answers: Mapping[str, Any],
    request_id: str = "",
    now: datetime | None = None,
    origin: Origin = OF_THE_PORTAL,
) -> Json:
    """Takes the step that starts a document, and returns the document as kept.

    The same `request_id` with the same answers gives the document that the first made. The access log tells of it as of
    any step. Raises what `take_step` raises, and `Unavailable`.
    """
    now = now or portal.clock()
    process = portal.process
    step = process.starting_step
    require_turn(process, {}, step, actor)
    if request_id:  # the same form with other answers is another application
        request_id = f"{request_id}/{hashlib.sha256(canonical(dict(answers))).hexdigest()[:16]}"
    act = Act(actor.email, f"take {step.key}", origin=origin)
    with _found_out(portal) as trying, portal.log.telling(act) as tell, portal.store.writing() as writing:
        made = portal.store.get_record(REQUESTS, request_id) if request_id else None
        if made is not None:
            with suppress(NotFound):  # its number was noted, and then it could not be kept
                return see(portal, made["document"], actor)
        facts = process.facts(_Elsewhere(portal, writing), step, {}, dict(answers), actor)
        blank = {"id": ""}
        take_step(process, blank, step.key, actor, answers, now, calendar=portal.calendar, facts=facts)
        fresh = {"id": writing.new_id(process.prefix, california_date(now).year)}
        new = take_step(process, fresh, step.key, actor, answers, now, calendar=portal.calendar, facts=facts)
        if request_id:
            # Before the document: if only one of the two is kept, the form can be sent again and makes no second one.
            portal.store.put_record(REQUESTS, request_id, {"document": new["id"]})
        tell(writing, record=new["id"], **_entry_in_words(new))
        kept = trying.made = writing.add(new)
    return kept


def _entry_in_words(new: Json) -> dict[str, str]:
    """What the access log says of the document's newest entry: in which role, and its place in the history."""
    entry = new["history"][-1]
    behalf = entry.get("on_behalf_of")
    return {"role": f"{entry['role']} for {behalf}" if behalf else entry["role"], "why": f"entry {entry['seq']}"}


def _drawn(
    portal: Portal,
    process: Process,
    document: Json,
    step: Step,
    actor: Actor,
    answers: Mapping[str, Any],
    drawn_from: int,
    now: datetime,
) -> list[Drawn]:
    """The letters that this step sends, drawn from the document as it will be."""
    facts = _facts(portal, process, step, document, answers, actor)
    draft = take_step(
        process, document, step.key, actor, answers, now,
        calendar=portal.calendar, facts=facts, drawn_from=drawn_from,
    )  # fmt: skip
    wanted = [letter for letter in step.letters if letter.when is None or letter.when.since(draft) is not None]
    return [letters_of_steps.draw(portal, step, letter, draft, now) for letter in wanted]


def preview(portal: Portal, document_id: str, step_key: str, actor: Actor) -> list[Drawn]:
    """The letters as this step would send them now; nothing is kept. Raises as `take`."""
    document = see(portal, document_id, actor)
    process = portal.process_of(document)
    return _drawn(portal, process, document, process.step(step_key), actor, {}, document["version"], portal.clock())


def preview_letter(portal: Portal, document_id: str, name: str, actor: Actor) -> bytes | None:
    """The letter of this name as it would go out now, for one whose turn it is to send it; None for anybody else."""
    document = see(portal, document_id, actor)
    process = portal.process_of(document)
    for step in process.steps:
        if any(letter.name == name for letter in step.letters) and not step.fields:
            try:
                drawn = preview(portal, document_id, step.key, actor)
            except (NotYourTurn, OutOfTurn):
                continue
            for one in drawn:
                if one.record["name"] == name:
                    return one.content
    return None
