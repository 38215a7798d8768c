"""What the date brings: what falls due by itself is done, and mail that waits is sent. Twice is as good as once.

The first run after a new version works out the open tasks of every document anew, if that version opens others.
"""

from dataclasses import dataclass
from datetime import timedelta

from portal import actions, tasks_anew
from portal.letters import LetterError
from portal.notices import queueing
from portal.notices.announcements import queue_announced
from portal.notices.new_passwords import answer_requests
from portal.parts import Portal
from portal.process.errors import OutOfDate, OutOfTurn
from portal.process.step import BY_ITSELF
from portal.sending_checkpoints import send
from portal.store.errors import Conflict, Damaged

KEEP_SENT = timedelta(days=400)
"""For how long it is noted which mails went out."""


@dataclass(frozen=True, slots=True)
class Day:
    """What one run did: steps taken, mails queued, mails delivered, and what could not be done, in words."""

    taken: tuple[str, ...]
    queued: int
    delivered: int
    problems: tuple[str, ...]


def run(portal: Portal) -> Day:
    """Takes every step that is to be taken by itself on or before California's date, and sends what is owed."""
    renewed = tasks_anew.bring_up_to_date(portal)
    taken, problems = _take_due(portal)
    problems += [*renewed.problems, *_audit(portal)]
    queued = queueing.queue_owed(portal) + queue_announced(portal) + answer_requests(portal)
    delivered = 0
    while sent := portal.mail.deliver():
        delivered += sent
    portal.mail.forget_sent(KEEP_SENT)
    portal.people.forget_old()
    problems += [f"mail to {mail.to} was refused: {mail.last_error}" for mail in portal.mail.failed()]
    return Day(tuple(taken), queued, delivered, tuple(problems))


def _audit(portal: Portal) -> list[str]:
    """Looks through what came to the access log, and signs a checkpoint of it, to be sent elsewhere [O8.2]."""
    try:
        portal.auditing.weeks.keep()
        portal.auditing.checkpoints.make()
    except Damaged as error:
        return [str(error)]
    return send(portal)


def _take_due(portal: Portal) -> tuple[list[str], list[str]]:
    taken: list[str] = []
    problems: list[str] = []
    tried: set[tuple[str, str]] = set()
    for process in portal.processes:
        for step in (step for step in process.steps if step.by_itself):
            while due := [
                one
                for one in portal.store.with_task_due(step.key, portal.today.isoformat())
                if (one, step.key) not in tried
            ]:
                for document_id in due:
                    tried.add((document_id, step.key))
                    try:
                        actions.take(portal, document_id, step.key, BY_ITSELF, {})
                        taken.append(f"{document_id} {step.key}")
                    except (OutOfTurn, OutOfDate, Conflict):
                        continue  # somebody took it meanwhile
                    except (LetterError, Damaged) as error:
                        problems.append(f"{document_id} {step.key}: {error}")
    return taken, problems
