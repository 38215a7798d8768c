"""Notices: what a document owes to people becomes mail, once for each step and person.

A step leaves in the document whom it concerns and in which words. After the write the notices are put into words,
queued with the mailer and marked in the document, under its lock. A crash in between queues one again under the same
key, so that it stays one mail.

What the portal did by itself nobody waits for: that goes into the digest (`portal.notices.digest`), unless a letter or
the link of an invitation comes with it.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from datetime import date

from portal.audit import Act
from portal.notices.addressees import addressees
from portal.notices.announcements import queue_announced
from portal.notices.new_passwords import answer_requests
from portal.parts import Portal
from portal.people import Person
from portal.people.errors import AccountClosed, RolesApart
from portal.process import policy
from portal.process.document import Json, at_utc
from portal.process.step import BY_ITSELF, Grant, Kind, Step
from portal.store.errors import Damaged, NotFound, StoreError

log = logging.getLogger(__name__)

SIGNED = "DCSS Third Party Access\nDepartment of Child Support Services, State of California"
"""How every mail ends."""


class _Plain(dict[str, object]):
    """The names that a notice's words may use; one that is not known stays as it is written."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def queue_owed(portal: Portal) -> int:
    """Queues every notice that any document owes, but for those of the digest; how many mails that made. A document
    whose letters cannot be read goes on owing its notices, and keeps no other from being told.
    """
    made = 0
    for document_id in owing(portal):
        try:
            made += _queue_of(portal, document_id)
        except (NotFound, Damaged):
            log.exception("notices of %s could not be queued: a letter is not there, or damaged", document_id)
    return made


def owing(portal: Portal) -> Iterator[str]:
    """Every document that owes notices, the longest owed first; those too that come to owe some meanwhile."""
    tried: set[str] = set()
    while ids := [one for one in portal.store.with_notices_owed(2 * len(tried) + 100) if one not in tried]:
        for document_id in ids:
            tried.add(document_id)
            yield document_id


def is_for_digest(document: Json, notice: Json) -> bool:
    """Whether the notice is of what the portal did by itself, and neither letter nor invitation comes with it; or of
    a task that a new version opened.
    """
    if notice.get("anew"):
        return True
    entry = document["history"][notice["seq"] - 1]
    invites = any(other["invites"] for other in document["notices"] if other["seq"] == notice["seq"])
    return entry["actor"] == BY_ITSELF.email and not entry.get("letters") and not invites


def _queue_of(portal: Portal, document_id: str) -> int:
    try:
        if not _to_queue(portal.store.get(document_id)):
            return 0  # what waits for the digest is looked at each minute: without a lock
    except (NotFound, Damaged):
        return 0
    with portal.store.writing() as writing:
        try:
            document = writing.get(document_id)
        except (NotFound, Damaged):
            return 0
        due = _to_queue(document)
        owed = [notice for notice in due if is_allowed(portal, document, notice)]
        mails: dict[tuple[int, str], list[tuple[Json, Json]]] = {}
        for notice in owed:
            for person in addressees(portal.people, portal.process_of(document), document, notice["to"]):
                mails.setdefault((notice["seq"], person["email"].lower()), []).append((person, notice))
        for (seq, address), told in mails.items():
            _queue(portal, document, seq, address, told)
        now = at_utc(portal.clock())
        marked = [{**notice, "sent_at": now} if notice in due else notice for notice in document["notices"]]
        writing.replace({**document, "notices": marked}, document["revision"])
    return len(mails)


def _to_queue(document: Json) -> list[Json]:
    return [one for one in document["notices"] if not one["sent_at"] and not is_for_digest(document, one)]


def is_allowed(portal: Portal, document: Json, notice: Json) -> bool:
    """Whether the policy lets those whom the notice names be told: a mail that no row allows is not sent [O8.2]."""
    if _told_as(portal, document, notice):
        return True
    log.error("the policy lets nobody be told %s of %s", notice["to"], document["id"])
    return False


def _told_as(portal: Portal, document: Json, notice: Json) -> tuple[str, ...]:
    step = document["history"][notice["seq"] - 1]["step"]
    return policy.told_as(portal.process_of(document), step, notice["to"], notice["task"])


def _queue(portal: Portal, document: Json, seq: int, address: str, told: list[tuple[Json, Json]]) -> None:
    key = f"{document['id']}/{seq}/{address}"
    if portal.mail.is_known(key):
        return  # queued before a crash; words anew would carry another link, and end the one that was mailed
    subject, text = words_of(portal, document, seq, address, told)
    attachments = _attachments(portal, document, seq, address)
    portal.mail.send(address, subject, text, attachments, key=key, name=told[0][0]["name"])


def words_of(portal: Portal, document: Json, seq: int, address: str, told: list[tuple[Json, Json]]) -> tuple[str, str]:
    """Subject and text of the mail that tells one person of one step: what happened, what is asked, and the link to
    it.
    """
    process, entry = portal.process_of(document), document["history"][seq - 1]
    answers, said = said_of(portal, document, seq, [notice for _, notice in told])
    step = process.step(entry["step"])
    tasks = dict.fromkeys(notice["task"] for _, notice in told if notice["task"])
    subject = process.step(next(iter(tasks))).title if tasks else f"{entry['actor_name']} {step.done_words(answers)}"
    lines = [f"{told[0][0]['name']},", "", *said, ""]
    invited = [notice for _, notice in told if notice["invites"]]
    for notice in invited:
        lines += _invitation(portal, document, notice, told[0][0])
    base = f"{portal.settings.base_url}/applications/{document['id']}"
    if not invited or portal.people.get(address) is not None:
        for task in tasks:
            lines += [f"{process.step(task).title}:", f"{base}/steps/{task}", *_goal(document, task), ""]
        lines += [] if tasks else ["See the application:", base, ""]
        if portal.people.get(address) is None:
            lines += [f"You need an account to see it. Ask for one: {portal.office['email'].lower()}", ""]
    lines += [f"Application {document['id']}, {document['organization']} ({document['lcsa']})", "", SIGNED]
    return f"{document['organization']}: {subject} ({document['id']})", "\n".join(lines)


def said_of(portal: Portal, document: Json, seq: int, notices: Sequence[Json]) -> tuple[Json, Sequence[str]]:
    """What those told may read of the step's answers, and what the notices say with it, each once."""
    process, entry = portal.process_of(document), document["history"][seq - 1]
    roles = tuple(dict.fromkeys(role for notice in notices for role in _told_as(portal, document, notice)))
    answers = policy.readable_answers(process, roles, entry["step"], entry["answers"], document)
    names = _Plain({"id": document["id"], "organization": document["organization"], "lcsa": document["lcsa"]})
    names.update(answers | _dates_in_words(process.step(entry["step"]), answers))
    return answers, list(dict.fromkeys(notice["words"].format_map(names) for notice in notices))


def _dates_in_words(step: Step, answers: Json) -> Json:
    """The dates among the answers, as people write them: `January 5, 2027`."""
    named = [one.name for one in step.fields if one.kind is Kind.DATE and answers.get(one.name)]
    return {name: f"{date.fromisoformat(answers[name]):%B %-d, %Y}" for name in named}


def _goal(document: Json, step_key: str) -> list[str]:
    """By when DCSS means to take the step, where it has a goal [4]."""
    on = next((task["goal_on"] for task in document["open_tasks"] if task["step"] == step_key), None)
    return [f"Goal: {date.fromisoformat(on):%B %-d, %Y}"] if on else []


def _invitation(portal: Portal, document: Json, notice: Json, person: Json) -> list[str]:
    """The lines with the link that makes an account; one who has an account already gains the role instead [6.3].

    Nobody gains a role by their own step [1.5].
    """
    role = portal.process_of(document).role(notice["invites"])
    grant = Grant(role.key, {key: document[key] for key in role.scope})
    known = portal.people.get(person["email"])
    by = document["history"][notice["seq"] - 1]["actor"]
    own = person["email"].lower() in (by, document["history"][0]["actor"])
    if own or (known is not None and grant in known.grants):
        return []
    if known is not None and (known.password_hash or not known.active):
        return _given(portal, document, known, grant, by)
    key = f"{document['id']}/{notice['to']}"
    # The same words in `once`, the same link: a mail that was queued before a crash stays good.
    token = portal.people.invite(
        person["email"],
        person["name"],
        grant,
        about=document["id"],
        key=key,
        once=f"{key}/{notice['seq']}/{person['email']}",
    )
    link = f"{portal.settings.base_url}/invitation/{token}"
    return [f"Make your account with this link, as {role.title}. It works once, and for 60 days:", link, ""]


def _given(portal: Portal, document: Json, known: Person, grant: Grant, by: str) -> list[str]:
    """Gives the role to an account that is there, unless it is closed or looks after the portal's accounts."""
    act = Act(by, f"give the role {grant.role}", known.email, why=f"named on {document['id']}")
    try:
        with portal.log.carrying_out(act):
            portal.people.require_open(known.email)
            portal.people.grant(known.email, grant)
    except (AccountClosed, RolesApart):
        title = portal.role_title(grant.role)
        return [f"Your account cannot hold this role: {title}. Ask for another: {portal.office['email'].lower()}", ""]
    return []


def _attachments(portal: Portal, document: Json, seq: int, address: str) -> list[tuple[str, bytes]]:
    """The letters of the step that name this person, as addressee or for a copy [6.7]."""
    letters = [
        letter
        for letter in document["history"][seq - 1].get("letters", [])
        if any(one["email"].lower() == address for one in (*letter["to"], *letter["cc"]))
    ]
    return [(f"{letter['name']}.docx", portal.store.get_file(letter["sha256"])) for letter in letters]


def start(portal: Portal, interval: float = 60) -> None:
    """Queues notices in a thread from now on: whenever `portal.wake()` is called, and every `interval` seconds."""
    threading.Thread(target=_queue_always, args=(portal, interval), name="notices", daemon=True).start()


def _queue_always(portal: Portal, interval: float) -> None:
    while True:
        portal.notices_owed.clear()
        try:
            queue_owed(portal)
            queue_announced(portal)
            answer_requests(portal)
        except StoreError:
            # The documents still owe them: the next round finds them.
            log.exception("notices could not be queued")
        portal.notices_owed.wait(interval)
