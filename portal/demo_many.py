"""Many applications for the demo, to see how the portal does with a hundred thousand.

Each goes through the real steps, one after the other, as the pure core takes them, with the facts that the portal would
have asked for. What differs from the first sixty (`portal.demo`): they are handed to the store in bulk, letters of one
name are those drawn first, and notices count as sent when they were owed, so that nobody gets a million mails.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from portal import letters_of_steps
from portal.parts import Portal
from portal.people.read_once import PeopleReadOnce
from portal.process.document import Json, at_utc
from portal.process.goals import california_date
from portal.process.step import Actor, Letter, Step
from portal.process.take_step import take_step


class Bulk:
    """Takes steps on documents that are not kept yet; `portal.process.step.Elsewhere` for them."""

    def __init__(self, portal: Portal) -> None:
        self.portal = replace(portal, people=PeopleReadOnce(portal.people))
        self._held: Counter[str] = Counter()
        self._before: dict[str, int] = {}  # what others hold
        self._handed_over: Counter[str] = Counter()
        self._kept: dict[tuple[str, str], Json | None] = {}
        self._letters: dict[str, str] = {}
        self._texts: dict[str, bytes] = {}

    def take(self, document: Json, step_key: str, actor: Actor, answers: Mapping[str, Any], now: datetime) -> Json:
        """The document that the step makes of this one, with its letters, and its notices as sent."""
        process = self.portal.process
        step = process.step(step_key)
        facts = process.facts(self, step, document if document.get("history") else {}, dict(answers), actor)
        new = take_step(process, document, step_key, actor, answers, now, calendar=self.portal.calendar, facts=facts)
        if letters := self._letters_of(step, new, now):
            new = take_step(
                process, document, step_key, actor, answers, now,
                calendar=self.portal.calendar, facts=facts, letters=letters,
            )  # fmt: skip
        for key in {*document.get("holdings", {}), *new["holdings"]}:
            self._held[key] += new["holdings"].get(key, 0) - document.get("holdings", {}).get(key, 0)
        sent_at = at_utc(now)
        return {**new, "notices": [{**notice, "sent_at": notice["sent_at"] or sent_at} for notice in new["notices"]]}

    def _letters_of(self, step: Step, draft: Json, now: datetime) -> Sequence[Json]:
        wanted = [letter for letter in step.letters if letter.when is None or letter.when.since(draft) is not None]
        letters = []
        for letter in wanted:
            if letter.name not in self._letters:
                self._keep(letter, draft, now)
            record = letters_of_steps.record_of_letter(self.portal, step, letter, draft, self._texts[letter.name])
            letters.append({**record, "sha256": self._letters[letter.name]})
        return letters

    def _keep(self, letter: Letter, draft: Json, now: datetime) -> None:
        """Draws and keeps the first letter of its name, and the text in which it and all others of that name are."""
        text = letters_of_steps.text_of_letter(self.portal, letter, draft)
        self._texts[letter.name] = text
        self._letters[letter.name] = self.portal.store.put_file(
            letters_of_steps.draw_letter(self.portal, letter, draft, now, text)
        )
        texts = {self.portal.store.put_file(text): letter.template or letter.name}
        letters_of_steps.note_texts(self.portal, texts, california_date(now))

    def hand_over(self, documents: Sequence[Json]) -> None:
        """Gives the documents to the store, in bulk."""
        self.portal.store.load(documents)
        for document in documents:
            self._handed_over.update(document["holdings"])

    # What the process may ask of elsewhere.

    def held(self, key: str, besides: str | None = None) -> int:
        """What is held of this, with what these documents hold."""
        if key not in self._before:
            with self.portal.store.writing() as writing:
                self._before[key] = writing.held(key) - self._handed_over[key]
        return self._before[key] + self._held[key]

    def holder(self, claim: str, value: str) -> str | None:
        """Nobody: the demo's claims carry the document's own number. The store refuses one that is taken."""
        return None

    def document(self, document_id: str) -> Json | None:
        """None: none of the demo's applications renews another."""
        return None

    def documents_of(self, lcsa: str, organization: str) -> list[Json]:
        """None: each of these organizations has the one application that is being made."""
        return []

    def holders(self, role: str, lcsa: str) -> list[Json]:
        """Who holds a role of this LCSA."""
        return [
            {"name": person.name, "title": person.title, "phone": person.phone, "email": person.email}
            for person in self.portal.people.with_role(role, lcsa)
        ]

    def kept(self, kind: str, key: str) -> Json | None:
        """A record of the portal, read once."""
        if (kind, key) not in self._kept:
            self._kept[kind, key] = self.portal.store.get_record(kind, key)
        return self._kept[kind, key]

    def is_whole(self, sha256: str) -> bool:
        """The letters were kept by this very process."""
        return sha256 in self._letters.values()

    def text_of(self, letter: str) -> str:
        """Of today's template."""
        return letters_of_steps.text_today(self.portal, letter)

    def setting(self, name: str) -> Any:
        """A setting of the portal."""
        return getattr(self.portal.settings, name)
