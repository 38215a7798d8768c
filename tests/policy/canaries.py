"""A word of its own in every answer and note of an application, to see where each one comes out.

A canary is a word (a number, a telephone, an address) that stands nowhere else. Dates, ticks and choices carry none:
what is read of those, the tests compare by name in the JSON.
"""

import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from werkzeug.test import TestResponse

from portal import actions
from portal.process.document import Json
from portal.process.goals import california_date
from portal.process.step import Field, Kind
from tests.conftest import House
from tests.journey import answers_to
from tests.web.asking import a_pdf, posted

FIXED = {"organization_name"}
"""What the scopes of people hang on: it heads the application, and whoever sees that reads it."""

NUMBERS = {
    ("identify-requestor", "recommended_accounts"): 4321,
    ("complete-application", "users_requested"): 4327,
    ("complete-application", "board_days"): 347,
    ("send-to-owner", "recommended_accounts"): 4337,
    ("decide", "accounts_granted"): 4339,
    ("decide", "term_months"): 113,
}
"""Numbers that stand nowhere else; those under a thousand are too short to be looked for, and are compared by name alone."""

SAME_AS = {
    ("sign-mou", "signature"): ("complete-application", "mou_signer_name"),
    ("set-up-accounts", "email"): ("certify-users", "email"),
}
"""Answers that must repeat another one."""


@dataclass
class Canaries:
    """An application on its way, every answer of which holds a canary; and which answer each canary was put into."""

    house: House
    document_id: str = ""
    words: dict[str, set[tuple[int, str]]] = field(default_factory=lambda: defaultdict(set))
    """By canary: the entries (by number) and the names of the answers that hold it."""

    _numbers: Any = field(default_factory=count)
    _given: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def document(self) -> Json:
        """The application as it is kept now."""
        return self.house.get(self.document_id)

    def word(self) -> str:
        """A word that stands nowhere else: small letters alone, so that nothing escapes or folds it."""
        number = next(self._numbers)
        return "qz" + "".join(chr(ord("a") + int(digit)) for digit in f"{number:04}") + "zq"

    def take(self, step: str, **fixed: Any) -> Json:
        """Takes the step with the usual answers, a canary in each that can carry one, except for those given."""
        usual = {**answers_to(step, california_date(self.house.clock.now)), **fixed}
        declared = self.house.process.step(step)
        found: dict[str, set[str]] = defaultdict(set)
        answers: Json = {**usual}
        for one in declared.fields:
            if (one.only_when is not None and not one.only_when.holds(usual)) or one.on_behalf_only:
                continue
            if one.kind is Kind.ENTRIES:
                rows = usual[one.name]
                answers[one.name] = [
                    {**row, **self._filled(step, one.fields, row, fixed, found, one.name)} for row in rows
                ]
            else:
                answers |= self._filled(step, (one,), usual, fixed, found, one.name)
        note = self.word()
        found[note].add("note")
        document = self._taken(step, {**answers, "note": f"Note {note}."})
        self.document_id = document["id"]
        for canary, names in found.items():
            self.words[canary] |= {(document["version"], name) for name in names}
        return document

    def _taken(self, step: str, answers: Json) -> Json:
        if self.document_id and step == self.house.process.starting_step.key:
            director = self.house.actor("director")
            return actions.take(self.house.portal, self.document_id, step, director, answers)
        return self.house.take(self.document_id, step, **answers)

    def _filled(
        self,
        step: str,
        fields: tuple[Field, ...],
        usual: Mapping[str, Any],
        fixed: Mapping[str, Any],
        found: dict[str, set[str]],
        name: str,
    ) -> Json:
        filled: Json = {}
        for one in fields:
            if one.name in FIXED or one.name in fixed:
                continue
            value, canary = self._value(step, one)
            if canary:
                found[canary].add(name)
            if value is not None:
                filled[one.name] = value
        return filled

    def _value(self, step: str, one: Field) -> tuple[Any, str]:
        """An answer and the canary in it; None for a kind that carries none."""
        repeated = self._given.get(SAME_AS.get((step, one.name), ("", "")))
        if repeated:
            same = repeated.pop(0) if one.kind is Kind.EMAIL else repeated[-1]
            return same, same
        match one.kind:
            case Kind.TEXT:
                value = canary = self.word()
            case Kind.LONG_TEXT:
                canary = self.word()
                value = f"Words and {canary}.\nA second line."
            case Kind.EMAIL:
                value = canary = f"{self.word()}@kern.example"
            case Kind.PHONE:
                value = canary = f"(916) 555-{next(self._numbers):04}"
            case Kind.NUMBER:
                number = NUMBERS[step, one.name]
                return number, str(number) if number > 999 else ""
            case Kind.FILE if step != "sign-mou":
                canary = self.word()
                content = a_pdf() + f"\n% {canary}\n".encode()
                sha256 = self.house.portal.store.put_file(content)
                value = {"name": f"{canary}.pdf", "sha256": sha256, "size": len(content)}
            case _:
                return None, ""
        self._given[step, one.name].append(canary)
        return value, canary

    def readable(self, role: str) -> set[str]:
        """The canaries that one who holds this role alone may read now, as the policy's table says."""
        document, policy = self.document, self.house.process.policy
        shown = [policy.shown((role,), entry["step"], document, entry["answers"]) for entry in document["history"]]
        return {word for word, places in self.words.items() if any(name in shown[seq - 1] for seq, name in places)}

    def found_in_answer(self, answer: TestResponse) -> set[str]:
        """The canaries that stand anywhere in an answer, its head included."""
        heads = "".join(f"{name}: {value}\n" for name, value in answer.headers if name != "Content-Length")
        return self.found_in(answer.get_data()) | self.found_in(heads.encode())

    def found_in(self, content: bytes) -> set[str]:
        """The canaries that stand in these bytes; in a file of parts, in each of them."""
        text = "\n".join(texts(content))
        return {word for word in self.words if (_is_number(word, text) if word.isdigit() else word in text)}


def _is_number(number: str, text: str) -> bool:
    """Whether the number stands there by itself, and not as a piece of a checksum."""
    return bool(re.search(rf"(?<![\w-])(?:{number}|{int(number):,})(?![\w-])", text))


def texts(content: bytes) -> list[str]:
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            return [parts.read(name).decode(errors="replace") for name in parts.namelist()]
    return [content.decode(errors="replace")]


def keep_draft(house: House, document_id: str, step: str, answers: Mapping[str, str]) -> None:
    """Keeps a draft as the step's own role writes it."""
    page = posted(
        house.client(house.process.step(step).role), f"/applications/{document_id}/steps/{step}/draft", answers
    )
    assert page.status == 204, page.text[:200]
