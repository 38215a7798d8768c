"""Taking a step: whose turn, which answers, what the document becomes. One pure function, and what it is made of."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from portal.process.check_answers import check_answers, check_note
from portal.process.document import (
    SCHEMA,
    Answers,
    Json,
    at_utc,
    canonical,
    chained,
    section_name,
    verify_chain,
)
from portal.process.errors import HistoryAltered, NoSuchStep, OutOfDate, OutOfTurn
from portal.process.goals import WorkingDays, california_date, california_day, date_in_words
from portal.process.open_tasks import has_come, open_tasks, opening
from portal.process.policy import Turn, require_sight, turn
from portal.process.step import Actor, Process, Situation, Step
from portal.process.upgrade import UPGRADES, Upgrade, upgrade_of_entry


def take_step(
    process: Process,
    document: Json,
    step_key: str,
    actor: Actor,
    answers: Mapping[str, Any],
    now: datetime,
    *,
    calendar: WorkingDays,
    facts: Mapping[str, Any] | None = None,
    drawn_from: int | None = None,
    letters: Sequence[Json] = (),
) -> Json:
    """The document that this step makes of the one given, which stays as it is.

    `document` holds an `id`, and at the most what it is about, for the step that starts one. `answers` may carry a
    `note`. `drawn_from` is the version that the form was drawn from (None: do not ask). `letters` are the letters made
    for the step: name, title, sha256, to, cc. Raises `NoSuchStep`, `OutOfScope`, `NotYourTurn`, `OutOfTurn`,
    `OutOfDate`, `AnswersDoNotHold`.
    """
    step = process.step(step_key)
    whose = require_turn(process, document, step, actor)
    require_open(process, document, step, now)
    version = document.get("version", 0)
    if drawn_from is not None and drawn_from != version:
        raise OutOfDate(document["id"], step.key, drawn_from, version)
    situation = Situation(document, facts or {}, california_date(now), actor, bool(whose.on_behalf_of))
    checked = check_answers(step, situation, answers)
    note = check_note(step, answers.get("note"))
    if step.records is not None:
        checked = {**checked, **step.records(situation, checked)}
    entry = _entry(step, actor, whose, checked, note, now, letters)
    return _with_notices(process, step, document, advance(process, document, entry, calendar))


def require_turn(process: Process, document: Json, step: Step, actor: Actor) -> Turn:
    """The role in which this person takes the step. Raises `OutOfScope`, `NotYourTurn`."""
    if document.get("history"):
        require_sight(process, actor, document)
        return turn(process, step, actor, document)
    # What another document's step begins says already what it is about: who may enter its first step hangs on that.
    return turn(process, step, actor, document if document.keys() - {"id"} else {})


def require_open(process: Process, document: Json, step: Step, now: datetime) -> None:
    """Returns when the step can be taken on this document now. Raises `OutOfTurn`, which says why not."""
    if not document.get("history"):
        if not step.starts:
            raise OutOfTurn(document.get("id", ""), step.key, f"“{step.title}” needs an application that has begun.")
        return
    found = opening(process, step, document)
    if found is None:
        raise OutOfTurn(document["id"], step.key, _why_closed(process, document, step))
    if found.opens_on is not None and found.opens_on > california_date(now):
        words = date_in_words(found.opens_on)
        raise OutOfTurn(document["id"], step.key, f"“{step.title}” can be taken from {words} on.")


def _why_closed(process: Process, document: Json, step: Step) -> str:
    if document["status"] in process.ended:
        status = process.status_title(document["status"]).lower()
        return f"This application is closed ({status}): no step can be taken any more."
    taken = [entry for entry in document["history"] if entry["step"] == step.key]
    if taken:
        return f"“{step.title}” was taken already, by {taken[-1]['actor_name']}."
    return f"“{step.title}” is not open yet."


def _entry(
    step: Step, actor: Actor, whose: Turn, answers: Answers, note: str, now: datetime, letters: Sequence[Json]
) -> Json:
    entry: Json = {
        "step": step.key,
        "role": whose.role,
        "actor": actor.email,
        "actor_name": actor.name,
        "at": at_utc(now),
        "answers": answers,
        "note": note,
    }
    if whose.on_behalf_of:
        entry["on_behalf_of"] = whose.on_behalf_of
    if letters:
        entry["letters"] = list(letters)
    return entry


def advance(
    process: Process, document: Json, entry: Json, calendar: WorkingDays, upgrade: Upgrade = lambda new: new
) -> Json:
    """The document with this entry added to its history, and everything that follows from it worked out anew.

    `upgrade` gives today's form to what the entry recorded, when that is of an older one.
    """
    step = process.step(entry["step"])
    history = chained(document.get("history", []), entry)
    new: Json = {
        **document,
        "schema": SCHEMA,
        "process": process.key,
        "version": len(history),
        "history": history,
        section_name(step.key): entry["answers"],
    }
    new = upgrade(new)
    new.update(process.header(new))
    new["status"] = _status(step, new, document.get("status", ""))
    new["open_tasks"] = open_tasks(process, new, calendar)
    new["claims"] = dict(process.claims(new))
    new["holdings"] = dict(process.holdings(new))
    new.setdefault("notices", [])
    return new


def _status(step: Step, document: Json, before: str) -> str:
    for condition, status in step.status_when:
        if condition.since(document) is not None:
            return status
    return step.status or before


def _with_notices(process: Process, step: Step, before: Json, document: Json) -> Json:
    """The document with the notices that its newest entry owes: whom the step concerns, and whose task it opened.

    A task whose day is still to come is told of on that day, by `flask daily`.
    """
    seq = document["version"]
    owed: list[Json] = []
    for tell in step.tells:
        if tell.when is None or tell.when.since(document) is not None:
            owed.extend({"to": to, "words": tell.words, "task": tell.task, "invites": tell.invites} for to in tell.to)
    today = california_day(document["history"][-1]["at"])
    for task in newly_open(before.get("open_tasks", []), document["open_tasks"], today, seq):
        goes_by_itself = bool(task["opens_on"]) and process.step(task["step"]).by_itself
        if task["step"] != step.key and not goes_by_itself:
            owed.append(notice_of_task(process, task))
    new = [{"seq": seq, **notice, "sent_at": None} for notice in owed]
    return {**document, "notices": [*document["notices"], *new]}


def newly_open(before: Sequence[Json], tasks: Sequence[Json], today: date, seq: int | None = None) -> list[Json]:
    """Those of the open tasks that can be taken on this day and could not before, or that entry `seq` opened."""
    known = {(task["step"], task["role"]) for task in before if has_come(task, today)}
    return [
        task
        for task in tasks
        if has_come(task, today) and (task["since_seq"] == seq or (task["step"], task["role"]) not in known)
    ]


def notice_of_task(process: Process, task: Json) -> Json:
    """What whoever may take the open task is told: what is asked of them."""
    return {"to": f"role:{task['role']}", "words": process.step(task["step"]).asks, "task": task["step"], "invites": ""}


def verify_document(
    process: Process, document: Json, calendar: WorkingDays, upgrades: Mapping[int, Upgrade] = UPGRADES
) -> None:
    """Returns when the history is unaltered and the document is what its history makes of it. Raises
    `HistoryAltered`.
    """
    try:
        verify_chain(document)
        again = _made_again(process, document, calendar, upgrades)
    except (NoSuchStep, LookupError, TypeError, ValueError, AttributeError) as error:
        # Nothing that this process ever wrote: a step that it does not have, an entry without answers.
        raise HistoryAltered(document["id"], 0, f"cannot be read ({type(error).__name__}: {error})") from error
    derived = ("process", "version", "lcsa", "organization", "status", "history", "claims", "holdings")
    for name in (*derived, *(section_name(step.key) for step in process.steps)):
        # As they are written, since to Python 1 and True are the same.
        if canonical(_part(again, name)) != canonical(_part(document, name)):
            raise HistoryAltered(document["id"], len(document["history"]), f"“{name}” is not what the history makes it")


def _made_again(process: Process, document: Json, calendar: WorkingDays, upgrades: Mapping[int, Upgrade]) -> Json:
    again: Json = {"id": document["id"]}
    for entry in document["history"]:
        bare = {key: value for key, value in entry.items() if key not in ("seq", "previous", "hash")}
        again = advance(process, again, bare, calendar, upgrade_of_entry(document, entry["seq"], upgrades))
    return again


def _part(document: Json, name: str) -> Json:
    return {name: document[name]} if name in document else {}
