"""Announcements: mails to many people about something that belongs to no application, each queued once.

Whoever announces keeps whom it is for and in which words, together with what it is about; the mails are queued
afterwards, and a crash in between is made good by the next round. What was announced and then not kept is told to
nobody.
"""

import logging
from collections.abc import Iterable, Sequence

from portal.parts import Portal
from portal.process.document import Json
from portal.store.errors import Damaged, NotFound

KIND = "announcements"

log = logging.getLogger(__name__)


def announce(
    portal: Portal,
    key: str,
    about: tuple[str, str, int],
    to: Iterable[Json],
    subject: str,
    lines: Sequence[str],
    attachments: Sequence[Json] = (),
) -> None:
    """Keeps that each of these people (name and email) is to have this mail, once `about` is kept: the kind and key of
    a record, at this revision or a later one. `attachments` are names with the SHA-256 of kept files.

    Raises the store's `Unavailable`.
    """
    kind, record, revision = about
    portal.store.put_record(
        KIND,
        key,
        {
            "about": {"kind": kind, "key": record, "revision": revision},
            "to": [{"name": one["name"], "email": one["email"]} for one in to],
            "subject": subject,
            "lines": list(lines),
            "attachments": list(attachments),
        },
    )


def queue_announced(portal: Portal) -> int:
    """Queues the mails of every announcement whose subject is kept, and returns how many. Raises `Unavailable`."""
    queued = 0
    for key, announcement in list(portal.store.records(KIND)):
        try:
            queued += _queue(portal, key, announcement)
        except (NotFound, Damaged) as error:
            # It stays announced, and goes out once what it is about is restored; others need not wait for that.
            log.error("“%s” was not announced: %s", key, error)
    return queued


def _queue(portal: Portal, key: str, announcement: Json) -> int:
    about, queued = announcement["about"], 0
    kept = portal.store.get_record(about["kind"], about["key"])
    if kept is None or kept["revision"] < about["revision"]:
        return 0
    files = [(one["name"], portal.store.get_file(one["sha256"])) for one in announcement["attachments"]]
    for person in announcement["to"]:
        mail_key = key_of_mail(key, person["email"])
        if portal.mail.is_known(mail_key):
            continue  # queued before a crash
        text = "\n".join([f"{person['name']},", "", *announcement["lines"]])
        portal.mail.send(person["email"], announcement["subject"], text, files, key=mail_key, name=person["name"])
        queued += 1
    portal.store.delete_record(KIND, key)
    return queued


def key_of_mail(key: str, email: str) -> str:
    """The key under which the mail of an announcement to this address is queued."""
    return f"{KIND}/{key}/{email.lower()}"
