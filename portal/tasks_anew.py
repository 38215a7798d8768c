"""Open tasks, claims and holdings worked out anew, once, after the table of steps has changed.

They are worked out when a document is written. A new version of the portal may open steps on documents that nobody has
written since: a task that nobody is asked for would wait for ever. It may count what the one before did not. Or it may
let go of a claim: kept on, it would stand in the way of whoever is to have it now.
"""

import hashlib
from dataclasses import dataclass

from portal.parts import Portal
from portal.process.document import Json, canonical
from portal.process.open_tasks import open_tasks
from portal.process.step import Process
from portal.process.take_step import newly_open, notice_of_task
from portal.store.errors import Damaged, NotFound

RECORDS = "tasks-worked-out"
"""Records that say by which table the open tasks of all documents were worked out last, by process."""


@dataclass(frozen=True, slots=True)
class Renewed:
    """How many documents got other open tasks, claims or holdings, and which could not be read."""

    documents: int
    problems: tuple[str, ...]


def bring_up_to_date(portal: Portal) -> Renewed:
    """Works out the open tasks of every document anew if the table has changed since that was last done."""
    tables = {process.key: _fingerprint(process) for process in portal.processes}
    changed = {key for key, table in tables.items() if _known(portal, key) != table}
    if not changed:
        return Renewed(0, ())
    renewed, problems = 0, []
    for document_id in portal.store.document_ids():
        try:
            renewed += _renew(portal, document_id, changed)
        except Damaged as error:
            problems.append(str(error))
        except NotFound:
            continue  # it was named in a list that is older than its end
    for key in changed:
        portal.store.put_record(RECORDS, key, {"table": tables[key]})
    return Renewed(renewed, tuple(problems))


def _known(portal: Portal, process_key: str) -> str:
    record = portal.store.get_record(RECORDS, process_key)
    return record["table"] if record else ""


def _renew(portal: Portal, document_id: str, changed: set[str]) -> bool:
    document = portal.store.get(document_id)
    if document["process"] not in changed:
        return False
    process = portal.process_of(document)
    if all(document[part] == value for part, value in _worked_out(portal, process, document).items()):
        return False
    with portal.store.writing() as writing:
        document = writing.get(document_id)
        anew = _worked_out(portal, process, document)
        # Told with what the date brings (`portal.notices.digest`): one mail for each person, not one for each task.
        told = [
            {"seq": document["version"], **notice_of_task(process, task), "anew": True, "sent_at": None}
            for task in newly_open(document["open_tasks"], anew["open_tasks"], portal.today)
        ]
        new = {**document, **anew, "notices": [*document["notices"], *told]}
        writing.replace(new, document["revision"])
    return True


def _worked_out(portal: Portal, process: Process, document: Json) -> Json:
    """What the store finds the document by, as today's table has it."""
    return {
        "open_tasks": open_tasks(process, document, portal.calendar),
        "claims": dict(process.claims(document)),
        "holdings": dict(process.holdings(document)),
    }


def _fingerprint(process: Process) -> str:
    """What the table says of when its steps are open, and for whom: the SHA-256 of it in words."""
    said = [
        [
            step.key,
            [condition.in_words for condition in (step.opens, step.repeats, step.closed_by)],
            step.waits.in_words if step.waits else "",
            step.opens_on if isinstance(step.opens_on, tuple) else bool(step.opens_on),
            step.after_end,
            bool(step.due_on),
            [[row.roles, row.provided.in_words if row.provided else ""] for row in process.policy.taking(step.key)],
        ]
        for step in process.steps
    ]
    return hashlib.sha256(canonical(said)).hexdigest()
