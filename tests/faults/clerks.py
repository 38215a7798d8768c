"""Clients that take real steps through the pages, one application after the other, and remember what they were told."""

import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from portal.process.goals import california_date
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from tests.clients import Page, typed
from tests.conftest import email_of
from tests.faults.browsing import Browser, CutOff, id_in
from tests.faults.wholeness import Ledger
from tests.journey import WAY, answers_to

COUNTIES = ("Kern", "Alameda", "San Diego")
NOT_KNOWN = "It is not known whether this was recorded"
"""What a page says when the store went away while it kept a step."""

STEPS = tuple(step for step in WAY if step != "identify-requestor")
PAUSE = 0.01
"""Seconds before what was cut off is tried again."""


class SomethingElse(Exception):
    """A page answered with what no fault of these tests explains."""


@dataclass
class Office:
    """What all clerks share: the servers' ports, sessions of everybody, and the ledger. Sessions outlive servers."""

    ports: Sequence[int]
    ledger: Ledger = field(default_factory=Ledger)
    sessions: dict[str, dict[str, str]] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)
    wrong: list[BaseException] = field(default_factory=list)

    def open(self, counties: Sequence[str] = COUNTIES) -> "Office":
        """Signs everybody in who takes a step of these counties."""
        for county in counties:
            for step in WAY:
                email = email_of(THIRD_PARTY_ACCESS.step(step).role, county)
                if email not in self.sessions:
                    browser = Browser(self.ports[0]).sign_in(email)
                    browser.get("/account")  # the session then has its token, and two windows need not each make one
                    self.sessions[email] = browser.cookies
        return self

    def browser(self, role: str, county: str, port: int) -> Browser:
        """A signed-in browser of who holds the role."""
        return Browser(port, self.sessions[email_of(role, county)])


class Clerk(threading.Thread):
    """Everybody who works on one application, then on the next."""

    def __init__(self, office: Office, number: int) -> None:
        super().__init__(name=f"clerk {number}", daemon=True)
        self.office, self.number = office, number
        self.county = COUNTIES[number % len(COUNTIES)]
        self.document_id = ""
        self.place = 0
        self.tries = 0

    def run(self) -> None:
        """Works until the office closes."""
        try:
            while not self.office.stopping.is_set():
                try:
                    self.take_next()
                except CutOff:
                    time.sleep(PAUSE)
        except BaseException as error:
            self.office.wrong.append(error)

    def take_next(self) -> None:
        """Takes the next step of the application, or begins a new one. Raises `CutOff`."""
        if self.place == len(STEPS):
            self.document_id, self.place = "", 0
        if not self.document_id:
            self._begin()
        else:
            self._take(STEPS[self.place])

    def _browser(self, role: str) -> Browser:
        port = self.office.ports[(self.number + self.tries) % len(self.office.ports)]
        return self.office.browser(role, self.county, port)

    def _note(self) -> str:
        self.tries += 1
        return f"Clerk {self.number}, try {self.tries}"

    def _begin(self) -> None:
        note = self._note()
        address = "/applications/new"
        form = self._browser("director").ask("GET", address)
        if form.status == 503:
            time.sleep(PAUSE)
            return
        self._expect(form, 200)
        answers = typed({**self._answers("identify-requestor"), "note": note})
        fields = {**form.fields(), **answers, "confirm": "yes", "request_id": secrets.token_hex(16)}
        self.office.ledger.tried(note)
        while True:
            # The same form again, until there is an answer: it makes one application, however often it is sent.
            try:
                page = self._browser("director").post(address, fields)
            except CutOff:
                if self.office.stopping.is_set():
                    return
                self.tries += 1
                time.sleep(PAUSE)
                continue
            if page.status == 503:
                self._finds_what_was_typed(page, note)
                time.sleep(PAUSE)
                continue
            self._expect(page, 303)
            self.document_id = id_in(page)
            self.office.ledger.was_taken(note, self.document_id, "identify-requestor")
            return

    def _take(self, step: str) -> None:
        note = self._note()
        browser = self._browser(THIRD_PARTY_ACCESS.step(step).role)
        address = f"/applications/{self.document_id}/steps/{step}"
        form = browser.ask("GET", address)
        if form.status == 503:
            time.sleep(PAUSE)
            return
        self._expect(form, 200)
        fields = {**form.fields(), **typed({**self._answers(step), "note": note}), "confirm": "yes"}
        self.office.ledger.tried(note)
        try:
            page = browser.post(address, fields)
        except CutOff:
            self._look_whether_it_was_taken(note)
            raise
        if page.status == 503 and NOT_KNOWN in page.text:
            self._look_whether_it_was_taken(note)
            return
        if page.status == 503:
            self.office.ledger.was_refused(note)
            self._finds_what_was_typed(page, note)
            time.sleep(PAUSE)
            return
        self._expect(page, 303)
        self.office.ledger.was_taken(note, self.document_id, step)
        self.place += 1

    def _look_whether_it_was_taken(self, note: str) -> None:
        while not self.office.stopping.is_set():
            try:
                page = self._browser("process-manager").ask("GET", f"/applications/{self.document_id}.json")
            except CutOff:
                page = None
            if page is None or page.status == 503:
                self.tries += 1
                time.sleep(PAUSE)
                continue
            self._expect(page, 200)
            if note in page.text:
                self.place += 1
            return

    def _finds_what_was_typed(self, page: Page, note: str) -> None:
        if note not in page.text:
            raise SomethingElse(f"{self.name}: refused, and what was typed is not on the page: {page.text[-1500:]}")

    def _answers(self, step: str) -> dict[str, Any]:
        answers = answers_to(step, california_date(datetime.now(UTC)), self.county)
        if step == "create-office-id":
            answers["office_id"] = f"OFFICE-{self.document_id}"
        return answers

    def _expect(self, page: Page, status: int) -> None:
        if page.status != status:
            said = page.problems if page.tree is not None else ""
            raise SomethingElse(
                f"{self.name}, {self.document_id} {STEPS[self.place - 1]}: {page.status}: {said or page.text[-1500:]}"
            )
