"""What the date brings: what falls due by itself is done, people are told of their tasks, mail that waits is sent.

Twice is as good as once, and after days without a run everything is done that was missed, in the order of its dates.
What is done late is recorded with the moment at which it was done; a step that has to say since when it holds takes
that from the document, as it took its date (`Step.opens_on`).

A part of the work that fails is logged and told among the problems, and keeps no other part from being done: mail goes
out though a forecast could not be worked out.

The first run after a new version works out the open tasks of every document anew, if that version opens others.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from heapq import heappop, heappush
from typing import TypeVar

from portal import actions, dashboard, duties, forecast, mou_campaign, surveys, tasks_anew
from portal.letters import LetterError
from portal.notices import digest, queueing
from portal.notices.announcements import queue_announced
from portal.notices.new_passwords import answer_requests
from portal.parts import Portal
from portal.process.document import Json
from portal.process.errors import OutOfDate, OutOfTurn, ProcessError
from portal.process.step import BY_ITSELF
from portal.sending_checkpoints import send
from portal.store.errors import Conflict, Damaged, NotFound, Unavailable
from portal.store.port import Search

log = logging.getLogger(__name__)

T = TypeVar("T")

KEEP_SENT = timedelta(days=400)
"""For how long it is noted which mails went out."""

EVERY = 1_000_000
"""So many documents may be due at once."""


@dataclass(frozen=True, slots=True)
class Day:
    """What one run did: steps taken, mails queued and what the digests among them tell, mails delivered, and what could
    not be done, in words.
    """

    taken: tuple[str, ...]
    queued: int
    digests: digest.Told
    delivered: int
    problems: tuple[str, ...]


def run(portal: Portal) -> Day:
    """Takes every step that is to be taken by itself on or before California's date, and sends what is owed. Raises
    `Unavailable`; what was done until then stays, and the next run does the rest.
    """
    work = _Work()
    problems = work.problems
    work.told("work out the open tasks anew", lambda: tasks_anew.bring_up_to_date(portal).problems)
    nothing: tuple[list[str], list[str]] = ([], [])
    taken, not_taken = work.part("take the steps that fall due", lambda: _take_due(portal), nothing)
    offered, not_offered = work.part("send the MOU's new text", lambda: mou_campaign.send_what_is_due(portal), nothing)
    problems += [*not_taken, *not_offered]
    work.told("send what is left of surveys", lambda: surveys.send_what_is_left(portal))
    work.told("work out the forecast and the figures", lambda: _work_out(portal))
    work.told("look through the access log", lambda: _audit(portal))
    queued = work.part("queue notices", lambda: queueing.queue_owed(portal), 0)
    queued += work.part("queue announcements", lambda: queue_announced(portal), 0)
    queued += work.part("answer requests for new passwords", lambda: answer_requests(portal), 0)
    besides = work.part("look what waits besides the tasks", lambda: list(duties.waiting(portal)), None)
    digests = work.part("send the digests", lambda: digest.tell(portal, besides), digest.Told())
    delivered = work.part("send mail that waits", lambda: _deliver(portal), 0)
    work.told("forget what is old", lambda: _forget(portal))
    problems += digests.problems
    work.told("look for mail that was refused", lambda: _refused(portal))
    return Day((*taken, *offered), queued + digests.mails, digests, delivered, tuple(problems))


class _Work:
    """The parts of a day's work, each by itself, and what could not be done, in words."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def part(self, what: str, do: Callable[[], T], otherwise: T) -> T:
        """What this part comes to. One that fails, for whatever reason, is logged and a problem, and comes to
        `otherwise`: what the other parts bring is owed all the same. Raises `Unavailable`: where the store or its log
        cannot be written, no part can be done.
        """
        try:
            return do()
        except Unavailable:
            raise
        except Exception as error:
            log.exception("the daily work could not %s", what)
            self.problems.append(f"it could not {what} ({type(error).__name__}: {error})")
            return otherwise

    def told(self, what: str, do: Callable[[], Iterable[str]]) -> None:
        """Does a part that says itself what could not be done."""
        self.problems += self.part(what, do, ())


def _deliver(portal: Portal) -> int:
    delivered = 0
    while sent := portal.mail.deliver():
        delivered += sent
    return delivered


def _forget(portal: Portal) -> Sequence[str]:
    portal.mail.forget_sent(KEEP_SENT)
    portal.people.forget_old()
    return ()


def _refused(portal: Portal) -> list[str]:
    return [f"mail to {mail.to} was refused: {mail.last_error}" for mail in portal.mail.failed()]


def _work_out(portal: Portal) -> list[str]:
    """Works out, in one pass over all documents, what pages show of all of them: the forecast of renewals, and the
    dashboard's figures.
    """
    gatherings = (forecast.Gathering(portal), dashboard.Gathering(portal))
    for document in portal.store.every(Search(process=portal.process.key)):
        for one in gatherings:
            one.look_at(document)
    return [problem for one in gatherings for problem in one.keep()]


def _audit(portal: Portal) -> list[str]:
    """Looks through what came to the access log, and signs a checkpoint of it, to be sent elsewhere [O8.2]."""
    try:
        portal.auditing.weeks.keep()
        portal.auditing.checkpoints.make()
    except Damaged as error:
        return [str(error)]
    return send(portal)


@dataclass(frozen=True, slots=True, order=True)
class _Due:
    """A step to be taken by itself: since when it could be, its place among such steps, and on which document."""

    opens_on: str
    place: int
    document_id: str


def _take_due(portal: Portal) -> tuple[list[str], list[str]]:
    """What was taken, and what could not be; the earliest date first, also of what one step makes due by another."""
    steps = [step.key for process in portal.processes for step in process.steps if step.by_itself]
    taken: list[str] = []
    problems: list[str] = []
    due: list[_Due] = []
    known: set[_Due] = set()

    def is_due(document: Json) -> None:
        for one in _due_on(document, steps, portal.today.isoformat()):
            if one not in known:
                known.add(one)
                heappush(due, one)

    for document in _with_something_due(portal, steps, problems):
        is_due(document)
    while due:
        one = heappop(due)
        step = steps[one.place]
        try:
            is_due(actions.take(portal, one.document_id, step, BY_ITSELF, {}))
            late = f", due on {one.opens_on}" if one.opens_on < portal.today.isoformat() else ""
            taken.append(f"{one.document_id} {step}{late}")
        except (OutOfTurn, OutOfDate, Conflict, NotFound):
            continue  # somebody took it meanwhile
        except (LetterError, Damaged, ProcessError) as error:
            problems.append(f"{one.document_id} {step}: {error}")
    return taken, problems


def _with_something_due(portal: Portal, steps: Sequence[str], problems: list[str]) -> Iterator[Json]:
    """The documents on which one of these steps is due; those that cannot be read are problems."""
    ids = {
        document_id: None
        for step in steps
        for document_id in portal.store.with_task_due(step, portal.today.isoformat(), limit=EVERY)
    }
    for document_id in ids:
        try:
            yield portal.store.get(document_id)
        except NotFound:
            continue
        except Damaged as error:
            problems.append(str(error))


def _due_on(document: Json, steps: Sequence[str], today: str) -> Iterator[_Due]:
    for task in document["open_tasks"]:
        if task["step"] in steps and task["opens_on"] and task["opens_on"] <= today:
            yield _Due(task["opens_on"], steps.index(task["step"]), document["id"])
