"""A step sent through its page while something fails beneath the store: each time the person is told, finds every answer
on the page, nothing is kept, and the same step then succeeds.
"""

import io
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

import psycopg
from psycopg import sql
from pypdf import PdfWriter

from portal.actions import REQUESTS
from portal.process.goals import california_date
from portal.store.errors import NotFound
from tests.clients import Page, PortalClient, typed
from tests.conftest import House
from tests.faults.places import Place
from tests.faults.wholeness import nothing_is_half_taken, verify_is_content
from tests.journey import WAY, answers_to
from tests.soak import Figures

NOTE = "Sent while something failed."
MOST_FAILURES = 400
"""More calls than any step makes: a step that never comes to its end is a mistake."""


class Failure(Protocol):
    """Something that fails within a block; `failed` then says what did, and is empty when nothing came to it."""

    failed: list[str]

    def failing(self) -> AbstractContextManager[Any]:
        """The block."""


@dataclass
class Outcome:
    """What came of a step that was sent again and again, each time with another failure."""

    refused: int = 0
    taken: int = 0
    failed: Counter[str] = field(default_factory=Counter)

    @property
    def figures(self) -> Figures:
        """For the table: each time the step was refused it was sent again, and then acknowledged."""
        return Figures(
            faults=self.failed.total(), acknowledged=self.taken + self.refused, refused=self.refused, documents=1
        )


def a_pdf() -> io.BytesIO:
    """A signed MOU, as a scanner makes it."""
    writer, content = PdfWriter(), io.BytesIO()
    writer.add_blank_page(72, 72)
    writer.write(content)
    return io.BytesIO(content.getvalue())


@dataclass
class SentStep:
    """A step that is open on an application of the house, as its form would be sent; `""`: it begins one."""

    house: House
    place: Place
    step: str

    def __post_init__(self) -> None:
        self.document_id = self.house.application_before(self.step)["id"] if WAY.index(self.step) else ""
        self.before = self.house.get(self.document_id) if self.document_id else None
        self.address = (
            f"/applications/{self.document_id}/steps/{self.step}" if self.document_id else "/applications/new"
        )
        answers = answers_to(self.step, california_date(self.house.clock.now))
        self.paper = self.step == "sign-mou"
        if self.paper:
            answers = {"method": "scan", "signed_on": answers["signed_on"]}
        self.answers = {**typed(answers), "note": NOTE}
        self.fields = self._fields_of(self.client.page(self.address))
        self.files = set(self.house.portal.store.file_ids())
        self.beside = self.place.portal()
        """Another who has the same store open all along."""

    @property
    def client(self) -> PortalClient:
        """The browser of the one whose step it is."""
        return self.house.client(self.house.process.step(self.step).role)

    def _fields_of(self, page: Page) -> dict[str, Any]:
        return {**page.fields(), **self.answers, "confirm": "yes"}

    def send(self) -> Page:
        """The answer to the form as it is now."""
        fields = dict(self.fields)
        if self.paper and not any(name.startswith("signed_mou") for name in fields):
            fields["signed_mou"] = (a_pdf(), "signed.pdf")
        return Page(self.client.post(self.address, data=fields, content_type="multipart/form-data"))

    def send_from(self, page: Page) -> Page:
        """The answer when the page that they got is sent, with nothing typed anew (a file is chosen anew)."""
        assert page.tree is not None, page.text[:600]
        assert page.tree.xpath("//main//form"), f"there is nothing to send again: {page.h1}"
        kept = page.fields()
        lost = {name: value for name, value in self.answers.items() if _even(kept.get(name)) != _even(value)}
        assert not lost, f"typed, and not on the page: {lost}"
        assert NOTE in page.words("//main") or NOTE in page.text
        self.fields = {**kept, "confirm": "yes"}
        return self.send()

    def is_taken(self, page: Page) -> None:
        """The step is there, as the person was told: once, by what was sent."""
        assert self._times_taken(page.response.headers["Location"].rsplit("/", 1)[-1]) == 1

    def _times_taken(self, document_id: str) -> int:
        noted = [entry["step"] for entry in self.house.get(document_id)["history"] if entry["note"] == NOTE]
        return noted.count(self.step)

    def is_there_and_told_when_sent_again(self, page: Page) -> None:
        """The step that nobody could tell of was kept, once; who sends the page again learns so."""
        again = self.send_from(page)
        if self.document_id:
            assert again.status == 409, again.text[:600]
            assert self._times_taken(self.document_id) == 1
        else:
            self.is_taken(again)  # the same form makes one application

    def put_back(self) -> None:
        """The application is where it was before the step, so that it can be taken once more; files are to be kept
        anew.
        """
        if self.before is not None:
            self.house.portal.store.restore_document(self.before)
        for sha256 in set(self.house.portal.store.file_ids()) - self.files:
            self._remove_file(sha256)
        self.fields = self._fields_of(self.client.page(self.address))

    def _remove_file(self, sha256: str) -> None:
        if self.place.is_folder:
            path = self.place.data / "files" / sha256[:2] / sha256
            path.unlink()
            if not any(path.parent.iterdir()):
                path.parent.rmdir()
        else:
            with psycopg.connect(self.place.url, autocommit=True) as connection:
                connection.execute("DELETE FROM portal.files WHERE sha256 = %s", [sha256])


def _even(value: Any) -> Any:
    """As a browser sends it back: a text area with its own line ends, one box of several by itself."""
    if isinstance(value, list) and len(value) == 1:
        return value[0]
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def fails_in_turn(sent: SentStep, failure: Callable[[int], Failure], may_be_kept: bool = False) -> Outcome:
    """The step with its first, its second, ... failure, until nothing is left to fail.

    `may_be_kept`: a step that was refused may be there all the same, whole, because nobody could tell. Then the same
    form, sent again, says so.
    """
    outcome = Outcome()
    for nth in range(MOST_FAILURES):
        before = kept_in(sent)
        one = failure(nth)
        with one.failing():
            page = sent.send()
        if not one.failed:
            assert page.status == 303, page.text[:600]
            return outcome
        said = f"{sent.step}, {one.failed[0]}, number {nth}"
        outcome.failed[one.failed[0]] += 1  # after it others may have failed too
        if page.status == 503:
            outcome.refused += 1
            is_whole(sent)
            after = kept_in(sent)
            if may_be_kept and after != before:
                sent.is_there_and_told_when_sent_again(page)
                sent.put_back()
                continue
            for kind, kept in before.items():
                assert after[kind] == kept, f"{said}: {kind}"
            page = sent.send_from(page)
        else:
            # It failed where the step does not depend on it: when what is over is tidied away.
            outcome.taken += 1
        assert page.status == 303, f"{said}: {page.status}: {page.text[:600]}"
        sent.is_taken(page)
        is_whole(sent)
        sent.put_back()
    raise AssertionError("the step never came to its end")


def is_whole(sent: SentStep) -> None:
    """What is there is whole, and found as it is: here, for one who has the store open, and for one who opens it anew."""
    here, anew = sent.house.portal, sent.place.reopened(sent.beside)
    try:
        for portal in (here, sent.beside, anew):
            nothing_is_half_taken(portal)
            assert list(portal.store.document_ids()) == list(here.store.document_ids())
        verify_is_content(anew)
    finally:
        anew.store.close()


def kept_in(sent: SentStep) -> dict[str, Any]:
    """Everything in the store, to the byte or row by row, but the access log, which tells what was tried, files that no
    document names, numbers that were given to nobody, and the note which number a form was given.
    """
    store = sent.house.portal.store
    forms_without = [key for key, record in store.records(REQUESTS) if not _is_there(sent, record["document"])]
    kept = _bytes_in(sent.place, forms_without) if sent.place.is_folder else _rows_in(sent.place.url, forms_without)
    named = {
        letter["sha256"]
        for one in store.document_ids()
        for entry in store.get(one)["history"]
        for letter in entry.get("letters", ())
    }
    return {**kept, "named files": {sha256: len(store.get_file(sha256)) for sha256 in sorted(named)}}


def _is_there(sent: SentStep, document_id: str) -> bool:
    try:
        sent.house.get(document_id)
    except NotFound:
        return False
    return True


def _bytes_in(place: Place, forms_without: list[str]) -> dict[str, Any]:
    records = {
        str(path.relative_to(place.data)): path.read_bytes()
        for path in sorted((place.data / "records").rglob("*"))
        if path.is_file() and not path.name.startswith(".writing-")
    }
    without = {f"records/{REQUESTS}/{key.replace('/', '%2F')}.json" for key in forms_without}
    return {
        "documents": {path.name: path.read_bytes() for path in sorted((place.data / "documents").glob("[!.]*"))},
        "records": {name: content for name, content in records.items() if name not in without},
    }


_COUNTS = {
    "document_counts": "SELECT process, lcsa, status, sum(number) FROM portal.document_counts GROUP BY 1, 2, 3",
    "task_counts": "SELECT role, lcsa, waiting, sum(number) FROM portal.task_counts GROUP BY 1, 2, 3",
}
_NOT_COMPARED = ("access_log", "files", "numbers", "trial", *_COUNTS)


def _rows_in(url: str, forms_without: list[str]) -> dict[str, Any]:
    with psycopg.connect(url, autocommit=True) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'portal' ORDER BY 1").fetchall()
        kept: dict[str, Any] = {}
        for (table,) in tables:
            if table in _NOT_COMPARED:
                continue
            rows = connection.execute(
                sql.SQL("SELECT t::text FROM portal.{} AS t ORDER BY 1").format(sql.Identifier(table))
            )
            kept[table] = rows.fetchall()
        for table, summed in _COUNTS.items():
            kept[table] = sorted(row for row in connection.execute(summed.encode()).fetchall() if row[-1])
        assert not forms_without, "in a database the note is kept with the document"
    return kept
