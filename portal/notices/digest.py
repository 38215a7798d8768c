"""The digest: what the date brings to one person, in one mail. `flask daily` sends it.

It tells of tasks whose day has come, reminds of those that still wait, names those of others that are late
(`Step.if_late`), and says what the portal did by itself; and it tells of what a role has to do besides (`Duty`), when
that is new, after 14 days, and every 30 days from then on.

A record says up to which day everything is told, and in which digest. A digest is begun by noting its number and its
days there, and ended by noting that it is done; each of its mails is queued under the number and the address, with the
names of the notices it tells. So whoever is killed is taken up where they were, two at once do the same thing once,
and a week that was missed is one digest. The clock alone is believed: one that went back tells nothing twice.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from portal.notices import queueing
from portal.notices.addressees import addressees
from portal.notices.digest_words import Digest, Done, Waiting, words_of
from portal.notices.duty import Duty
from portal.parts import Portal
from portal.people.read_once import PeopleReadOnce
from portal.process import policy
from portal.process.document import Json, at_utc, moment
from portal.process.goals import california_date
from portal.process.open_tasks import may_take, to_be_done_by, waits_since
from portal.process.reminders import Days, began_on, due_on, is_reminded, is_told_late, waits
from portal.process.step import Process, Step
from portal.store.errors import Conflict, Damaged, NotFound
from portal.store.port import TaskDate, TaskRow

KIND, KEY = "portal", "digest"
"""The record that says up to which day everything is told, and since when of which duties."""

REMIND_AFTER = (14,)
"""After how many days one is reminded of a duty, as `Step.remind_after` says it of a step."""

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Begun:
    """A digest under way: its number, the days of which it tells, and what was told of duties before: by the key of
    each on which day, and how many things waited in it.
    """

    number: int
    days: Days
    duties: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Told:
    """What the digests of one run told: mails, tasks in them by sort, and what kept them from telling more."""

    mails: int = 0
    new: int = 0
    waiting: int = 0
    late: int = 0
    done: int = 0
    problems: tuple[str, ...] = ()

    def __add__(self, other: "Told") -> "Told":
        return Told(
            self.mails + other.mails,
            self.new + other.new,
            self.waiting + other.waiting,
            self.late + other.late,
            self.done + other.done,
            self.problems + other.problems,
        )


def tell(portal: Portal, duties: Sequence[Duty] | None = None) -> Told:
    """Queues the digests that are due: first one that was begun and not ended, then that of the days since.

    `duties` are those that wait now; None when that is not known.
    """
    told = Told(problems=_problems(portal))
    for _ in range(2):
        begun = _begin(portal)
        if begun is None:
            break
        told += _tell(portal, begun, duties or ())
        _end(portal, begun, duties)
    return told


def told_until(portal: Portal, day: date) -> None:
    """Notes by hand that everything is told up to this day: after a clock that was ahead."""
    record = portal.store.get_record(KIND, KEY) or {"number": 0}
    noted = {
        "number": record["number"],
        "after": day.isoformat(),
        "until": day.isoformat(),
        "done": True,
        "duties": record.get("duties", {}),
    }
    portal.store.put_record(KIND, KEY, noted, record.get("revision", 0))


def _problems(portal: Portal) -> tuple[str, ...]:
    record = portal.store.get_record(KIND, KEY)
    if record is None or date.fromisoformat(record["until"]) <= portal.today + A_DAY:
        return ()
    return (
        f"everything was told up to {record['until']}, which is still to come: the clock is behind, or it was ahead "
        f"then. If it was ahead: flask daily --told-until {portal.today.isoformat()}",
    )


def _begin(portal: Portal) -> Begun | None:
    """The digest that is under way, or a new one; None when there is nothing to tell today."""
    while True:
        record = portal.store.get_record(KIND, KEY)
        if record is not None and not record["done"]:
            begun = _from_record(record)
            return begun if begun.days.until <= portal.today else None
        after = date.fromisoformat(record["until"]) if record else None
        until = max(after, portal.today) if after else portal.today
        if until == after and next(_owed_to_digest(portal), None) is None:
            return None
        noted = {
            "number": record["number"] + 1 if record else 1,
            "after": after.isoformat() if after else "",
            "until": until.isoformat(),
            "done": False,
            "duties": record.get("duties", {}) if record else {},
        }
        try:
            return _from_record(portal.store.put_record(KIND, KEY, noted, record["revision"] if record else 0))
        except Conflict:
            continue  # another process began it: the same one is ours then


def _from_record(record: Json) -> Begun:
    after = date.fromisoformat(record["after"]) if record["after"] else None
    return Begun(record["number"], Days(after, date.fromisoformat(record["until"])), record.get("duties", {}))


def _end(portal: Portal, begun: Begun, duties: Sequence[Duty] | None) -> None:
    record = portal.store.get_record(KIND, KEY)
    if record is not None and record["number"] == begun.number and not record["done"]:
        try:
            told = begun.duties if duties is None else {duty.key: _told_of(duty, begun) for duty in duties}
            portal.store.put_record(KIND, KEY, record | {"done": True, "duties": told}, record["revision"])
        except Conflict:
            return  # another process ended it


def _tell(portal: Portal, begun: Begun, duties: Sequence[Duty]) -> Told:
    portal = replace(portal, people=PeopleReadOnce(portal.people))
    digests: defaultdict[str, Digest] = defaultdict(Digest)
    for row, is_new in _tasks(portal, begun.days):
        _add_task(portal, digests, row, is_new)
    for row in _late(portal, begun.days):
        _add_late(portal, digests, row)
    for duty in duties:
        _add_duty(portal, digests, duty, begun)
    notices = list(_notices(portal, begun, digests))
    told = Told()
    for address, digest in sorted(digests.items()):
        key = _key(begun.number, address)
        if portal.mail.told_by(key) is not None:
            continue  # queued by one that was killed, or by one that runs beside
        subject, text = words_of(portal, address, digest, begun.days.until)
        portal.mail.send(address, subject, text, key=key, name=digest.name, tells=digest.tells)
        told += Told(1, digest.new.number, digest.waiting.number, digest.late.number, digest.done.number)
    tells = {
        address: frozenset(portal.mail.told_by(_key(begun.number, address)) or ())
        for address in {one for _, owed in notices for named in owed.values() for one in named}
    }
    for document_id, owed in notices:
        # Each whom a notice names has it in a mail of this digest; else it waits for the next.
        whole = {
            place for place, named in owed.items() if all(_name(document_id, place) in tells[one] for one in named)
        }
        _mark_sent(portal, document_id, whole)
    return told


def _key(number: int, address: str) -> str:
    return f"digest/{number}/{address}"


# Tasks


def _tasks(portal: Portal, days: Days) -> Iterator[tuple[TaskRow, bool]]:
    """The tasks to tell of on these days, the longest waiting first: whose day has come, and those that still wait."""
    for row in _began(portal, days):
        if row.task["opens_on"] and waits_since(row.task) in days and not _was_told_at_once(portal, row):
            yield row, True
    first = next(portal.store.tasks_by_date(TaskDate.BEGAN, "", days.until.isoformat()), None)
    if first is None:
        return
    steps = [step for process in portal.processes for step in process.steps]
    for span in began_on(steps, days, waits_since(first.task)):
        yield from ((row, False) for row in _began(portal, span) if _is_reminded(portal, row, days))
    goals = days.earlier(A_DAY)
    for row in portal.store.tasks_by_date(TaskDate.GOAL, _iso(goals.after), _iso(goals.until)):
        if _is_reminded(portal, row, days) and waits_since(row.task) <= days.until:
            yield row, False


def _late(portal: Portal, days: Days) -> Iterator[TaskRow]:
    """The tasks of which others are told on these days that they are late."""
    first = next(portal.store.tasks_by_date(TaskDate.GOAL, "", days.until.isoformat()), None)
    if first is None:
        return
    earliest = to_be_done_by(first.task) or days.until
    for span in due_on((step for process in portal.processes for step in process.steps), days, earliest):
        for row in portal.store.tasks_by_date(TaskDate.GOAL, _iso(span.after), _iso(span.until)):
            if is_told_late(_step(portal, row), row.task, days):
                yield row


def _began(portal: Portal, days: Days) -> Iterator[TaskRow]:
    """The tasks that began to wait on these days. The store's days are UTC's, by which it may have been a day later."""
    for row in portal.store.tasks_by_date(TaskDate.BEGAN, _iso(days.after), _iso(days.until + A_DAY)):
        if waits_since(row.task) in days:
            yield row


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _is_reminded(portal: Portal, row: TaskRow, days: Days) -> bool:
    return is_reminded(_step(portal, row), row.task, days)


def _step(portal: Portal, row: TaskRow) -> Step:
    return portal.process_called(row.process).step(row.task["step"])


def _was_told_at_once(portal: Portal, row: TaskRow) -> bool:
    """Whether whose task it is was told by the step that opened it: its day had come already then."""
    try:
        document = portal.store.get(row.document_id)
    except (NotFound, Damaged):
        return True  # nobody can take it
    opens_on = date.fromisoformat(row.task["opens_on"])
    return any(
        notice["task"] == row.task["step"]
        and notice["to"] == f"role:{row.task['role']}"
        and california_date(moment(document["history"][notice["seq"] - 1]["at"])) >= opens_on
        for notice in document["notices"]
    )


def _add_task(portal: Portal, digests: Mapping[str, Digest], row: TaskRow, is_new: bool) -> None:
    """Puts the task into the digest of each who may take it."""
    process, about = portal.process_called(row.process), {"lcsa": row.lcsa, "organization": row.organization}
    scope = {name: about[name] for name in process.role(row.task["role"]).scope}
    task = Waiting.of(process, row.document_id, about, row.task)
    for person in portal.people.with_role(row.task["role"], **scope):
        if may_take(process, row.task, person.actor, about):
            digest = digests[person.email.lower()]
            digest.name = person.name
            digest.add_task(task, is_new)


def _add_late(portal: Portal, digests: Mapping[str, Digest], row: TaskRow) -> None:
    """Puts the task, which others take, into the digest of each who is told when it is late, as far as the policy lets
    them be told.
    """
    process, step = portal.process_called(row.process), _step(portal, row)
    assert step.if_late is not None
    try:
        document = portal.store.get(row.document_id)
    except (NotFound, Damaged):
        return  # `flask verify` names it
    late = Waiting.of(process, row.document_id, document, row.task)
    for who in step.if_late.to:
        if policy.told_as(process, step.key, who):
            for person in addressees(portal.people, process, document, who):
                digest = digests[person["email"].lower()]
                digest.name = person["name"]
                digest.add_late(late)


# Duties


def _is_new(duty: Duty, begun: Begun) -> bool:
    told = begun.duties.get(duty.key)
    return told is None or duty.number > told["number"]


def _told_of(duty: Duty, begun: Begun) -> Json:
    """What is noted of the duty once this digest is out."""
    since = begun.days.until.isoformat() if _is_new(duty, begun) else begun.duties[duty.key]["on"]
    return {"on": since, "number": duty.number}


def _add_duty(portal: Portal, digests: Mapping[str, Digest], duty: Duty, begun: Begun) -> None:
    """Puts the duty into the digest of each who has it, when it is new or one is reminded of it on these days."""
    is_new = _is_new(duty, begun)
    if not is_new:
        told, days = date.fromisoformat(begun.duties[duty.key]["on"]), begun.days
        if not any(told + wait in days for wait in waits(REMIND_AFTER, days.until - told)):
            return
    for role in duty.roles:
        for person in portal.people.with_role(role):
            digest = digests[person.email.lower()]
            digest.name = person.name
            digest.add_task(Waiting.of_duty(duty, portal.role_title(role)), is_new)


# Notices of what the portal did by itself


def _owed_to_digest(portal: Portal) -> Iterator[tuple[Json, list[int]]]:
    """Documents with notices that wait for a digest, and the places of these."""
    for document_id in queueing.owing(portal):
        try:
            document = portal.store.get(document_id)
        except (NotFound, Damaged):
            continue
        places = [
            place
            for place, notice in enumerate(document["notices"])
            if not notice["sent_at"] and queueing.is_for_digest(document, notice)
        ]
        if places:
            yield document, places


def _notices(portal: Portal, begun: Begun, digests: Mapping[str, Digest]) -> Iterator[tuple[str, dict[int, list[str]]]]:
    """Puts what the portal did by itself into the digests; for each document whom each of its notices names."""
    before: dict[str, frozenset[str]] = {}
    for document, places in _owed_to_digest(portal):
        process = portal.process_of(document)
        named: dict[int, list[str]] = {place: [] for place in places}
        told: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
        names: dict[str, str] = {}
        for place in places:
            notice = document["notices"][place]
            if _is_over(process, document, notice) or not queueing.is_allowed(portal, document, notice):
                continue
            for person in addressees(portal.people, process, document, notice["to"]):
                address = person["email"].lower()
                if address not in before:
                    before[address] = frozenset(portal.mail.told_by(_key(begun.number - 1, address)) or ())
                if _name(document["id"], place) not in before[address]:
                    names[address] = person["name"]
                    named[place].append(address)
                    told[notice["seq"], address].append(place)
        for (seq, address), of_it in told.items():
            digest = digests[address]
            digest.name = names[address]
            digest.tells += [_name(document["id"], place) for place in of_it]
            _add_done(portal, digest, document, seq, [document["notices"][place] for place in of_it])
        yield document["id"], named


def _is_over(process: Process, document: Json, notice: Json) -> bool:
    """Whether the notice asks for a task that somebody took meanwhile."""
    asks = notice["task"] and notice["words"] == process.step(notice["task"]).asks
    return bool(asks) and _task_of(document, notice) is None


def _task_of(document: Json, notice: Json) -> Json | None:
    return next(
        (
            task
            for task in document["open_tasks"]
            if (f"role:{task['role']}", task["step"]) == (notice["to"], notice["task"])
        ),
        None,
    )


def _add_done(portal: Portal, digest: Digest, document: Json, seq: int, notices: list[Json]) -> None:
    """Puts into the digest what the step opened for the person, and what else its notices say."""
    process = portal.process_of(document)
    saying = []
    for notice in notices:
        task = _task_of(document, notice)
        if task is None:
            saying.append(notice)
        else:
            digest.add_task(Waiting.of(process, document["id"], document, task), is_new=True)
    if saying:
        answers, said = queueing.said_of(portal, document, seq, saying)
        step = process.step(document["history"][seq - 1]["step"])
        digest.done.add(Done.of(document, seq, step.done_words(answers), said))


def _name(document_id: str, place: int) -> str:
    """What a mail calls the notice that it tells. Notices are only ever added, so that their places stay."""
    return f"{document_id}/notices/{place}"


def _mark_sent(portal: Portal, document_id: str, places: set[int]) -> None:
    with portal.store.writing() as writing:
        try:
            document = writing.get(document_id)
        except (NotFound, Damaged):
            return
        now = at_utc(portal.clock())
        marked = [
            {**notice, "sent_at": now} if place in places and not notice["sent_at"] else notice
            for place, notice in enumerate(document["notices"])
        ]
        if marked != document["notices"]:
            writing.replace({**document, "notices": marked}, document["revision"])
