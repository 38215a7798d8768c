"""The letters that a step sends: drawn from the document as the step will leave it, recorded in its entry, and kept.

Part of the use cases (`portal.actions`); knows no web.
"""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.letters.context import context
from portal.notices.addressees import addressees
from portal.parts import Portal
from portal.process.document import Json, section_name
from portal.process.goals import california_date
from portal.process.policy import quotable, told_as
from portal.process.step import BY_ITSELF, Letter, Step
from portal.store.errors import StoreError

TEXTS = "letter-texts"
"""Records of the texts in which letters were sent, by the SHA-256 of the template: of which letter, since when, and the
name that it was given.
"""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A letter as it is drawn: what the history records of it, its bytes, and the text in which it is: the template's
    name and file.
    """

    record: Json
    content: bytes
    template: str
    text: bytes


def draw(portal: Portal, step: Step, letter: Letter, draft: Json, now: datetime) -> Drawn:
    """The letter as the step sends it. Raises `MissingFields`."""
    text = text_of_letter(portal, letter, draft)
    record = record_of_letter(portal, step, letter, draft, text)
    return Drawn(record, draw_letter(portal, letter, draft, now, text), letter.template or letter.name, text)


def letters_sent(document: Mapping[str, Any]) -> list[Json]:
    """Every letter of the document as it was sent, the newest first, with the `step`, `seq` and time `at` of its
    sending.
    """
    return [
        {**letter, "step": entry["step"], "seq": entry["seq"], "at": entry["at"]}
        for entry in reversed(document["history"])
        for letter in entry.get("letters", ())
    ]


def text_today(portal: Portal, template: str) -> str:
    """The SHA-256 of a template as it is now: of the text in which its letters are drawn today."""
    return hashlib.sha256(portal.letters.text(template)).hexdigest()


def text_of_letter(portal: Portal, letter: Letter, draft: Json) -> bytes:
    """The text in which the letter is drawn: today's template, or that of the letter whose text it repeats."""
    for sent in letters_sent(draft):
        if sent["name"] == letter.in_text_of and "text_sha256" in sent:
            return portal.store.get_file(sent["text_sha256"])
    return portal.letters.text(letter.template or letter.name)


def draw_letter(portal: Portal, letter: Letter, draft: Json, now: datetime, text: bytes) -> bytes:
    """The letter as a .docx, in this text, from the document as the step will leave it. Raises `MissingFields`."""
    names = {
        "process_manager": _person(portal, draft, "process-manager"),
        "process_owner": _person(portal, draft, "process-owner"),
        "director": _person(portal, draft, "director", lcsa=draft["lcsa"]),
    }
    left_out = {section_name(key) for key in letter.without}
    quoted = quotable(portal.process_of(draft), draft)
    words = context(
        {key: value for key, value in quoted.items() if key not in left_out},
        people=names,
        office=portal.office,
        today=california_date(now),
        portal_url=portal.settings.base_url,
    )
    if letter.specimen:
        return portal.letters.specimen(letter.template or letter.name, words)
    return portal.letters.draw(letter.template or letter.name, words, text)


def _person(portal: Portal, document: Json, role: str, **scope: str) -> Json:
    """Who signs or is named in a letter: whoever took the newest step in that role, else the first who holds it."""
    entry = next(
        (e for e in reversed(document["history"]) if e["role"] == role and e["actor"] != BY_ITSELF.email), None
    )
    person = portal.people.get(entry["actor"]) if entry else None
    if person is None:
        person = next(iter(portal.people.with_role(role, **scope)), None)
    if person is None:
        return {}
    return {"name": person.name, "title": person.title, "email": person.email, "phone": person.phone}


def record_of_letter(portal: Portal, step: Step, letter: Letter, draft: Json, text: bytes) -> Json:
    """What the history records of the letter besides its checksum: name, title, to whom the policy lets it go, and the
    SHA-256 of the text in which it is drawn.
    """
    process = portal.process_of(draft)
    people = {"to": letter.to, "cc": letter.cc}
    named = {
        key: [
            one
            for who in whom
            if told_as(process, step.key, who)
            for one in addressees(portal.people, process, draft, who)
        ]
        for key, whom in people.items()
    }
    text_sha256 = hashlib.sha256(text).hexdigest()
    return {"name": letter.name, "title": letter.title, "sample": letter.sample, "text_sha256": text_sha256, **named}


def write_letters(portal: Portal, drawn: Sequence[Drawn]) -> list[Json]:
    """Keeps each letter and its text, before the document that names them, and returns what the history records."""
    for one in drawn:
        portal.store.put_file(one.text)
    return [{**one.record, "sha256": portal.store.put_file(one.content)} for one in drawn]


def note_texts(portal: Portal, texts: Mapping[str, str], on: date) -> None:
    """Notes each text that was used for the first time, on this date (California's): SHA-256 and template's name.

    It follows the step, which is recorded: when it cannot be noted now, the next letter in that text has it noted.
    """
    with suppress(StoreError):
        for sha256, template in texts.items():
            if portal.store.get_record(TEXTS, sha256) is None:
                portal.store.put_record(TEXTS, sha256, {"letter": template, "first_used_on": on.isoformat()})
