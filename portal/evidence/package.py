"""What goes into the package, application by application, and how its files are called."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from unicodedata import normalize

from portal import sheets
from portal.evidence.pages import page
from portal.evidence.zip_stream import ZipStream
from portal.papers import kind_of
from portal.parts import Portal
from portal.process import policy
from portal.process.document import Json
from portal.process.explain import files_in, recorded
from portal.process.goals import CALIFORNIA
from portal.process.overview import Attached, Marked, Overview
from portal.process.step import Process
from portal.store.errors import Damaged, NotFound


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom the package is made: who in words, and as which roles they read an application; none: not at all.

    `note` is told of each application, with those roles, before anything of it goes out: the access log has it first.
    Whatever it raises ends the package.
    """

    words: str
    roles: Callable[[Process, Json], tuple[str, ...]]
    note: Callable[[Json, tuple[str, ...]], None]


@dataclass(slots=True)
class _Kept:
    """A letter or a paper in the package: what it is called, whose it is, and where it stands; no path when missing."""

    title: str
    at: str
    path: str
    why_missing: str = ""


@dataclass(slots=True)
class _Folder:
    """One application in the package, as far as it is made."""

    name: str
    document: Json
    process: Process
    letters: list[_Kept] = field(default_factory=list)
    papers: list[_Kept] = field(default_factory=list)
    paths: dict[str, str] = field(default_factory=dict)
    """Where the file of a checksum stands in the folder."""

    def address_of(self, file: Json) -> str:
        """Where a file that the history names stands."""
        return self.paths.get(file["sha256"], "index.html#missing")

    @property
    def missing(self) -> list[_Kept]:
        """What should be there, and could not be read."""
        return [one for one in (*self.letters, *self.papers) if one.why_missing]


@dataclass(frozen=True, slots=True)
class _Line:
    """What the first page says of one application; only this stays in memory of those that are done."""

    folder: str
    id: str
    organization: str
    lcsa: str
    status: str
    rows: tuple[int, ...]
    sentences: tuple[str | Marked, ...]
    missing: int


def pieces(portal: Portal, document_ids: Iterable[str], reader: Reader) -> Iterator[bytes]:
    """The package, piece by piece, of those of these applications that the reader may see; one is in memory at a time.

    A letter or paper that is missing or damaged is named in the package, and so is an application that cannot be read.
    Raises the store's `Unavailable`, and what the reader's `note` raises.
    """
    now = portal.clock().astimezone(CALIFORNIA)
    return _Package(portal, reader, now).pieces(document_ids)


class _Package:
    def __init__(self, portal: Portal, reader: Reader, now: datetime) -> None:
        self._portal, self._reader, self._now = portal, reader, now
        self._today = now.date()
        self._zip = ZipStream(now)
        self._top = f"third-party-access-evidence-{self._today.isoformat()}"
        self._lines: list[_Line] = []
        self._unreadable: list[str] = []

    def pieces(self, document_ids: Iterable[str]) -> Iterator[bytes]:
        for document_id in document_ids:
            try:
                document = self._portal.store.get(document_id)
            except NotFound:
                continue  # it was named in a list that is older than its end
            except Damaged:
                self._unreadable.append(document_id)
                continue
            yield from self._application(document)
        overviews = self._portal.process.overviews
        index = self._page("index.html", lines=self._lines, unreadable=self._unreadable, overviews=overviews)
        yield from self._put("index.html", index)
        sums = "".join(f"{sha256}  {path.removeprefix(f'{self._top}/')}\n" for path, sha256 in self._zip.sums.items())
        yield from self._put("SHA256SUMS", sums.encode())
        yield from self._zip.end()

    def _application(self, document: Json) -> Iterator[bytes]:
        process = self._portal.process_of(document)
        roles = self._reader.roles(process, document)
        if not any(role in process.policy.seeing for role in roles):
            return
        self._reader.note(document, roles)
        shown = policy.readable_to(process, document, roles)
        folder = _Folder(f"{shown['id']}-{_plain(shown['organization'])}", shown, process)
        for entry in shown["history"]:
            yield from self._letters(folder, entry)
            yield from self._papers(folder, entry)
        for overview in process.overviews:
            yield from self._overview(folder, overview)
        history = self._page(
            "history.html", folder=folder, recorded=recorded(process, shown), file_url=folder.address_of
        )
        yield from self._in(folder, "history.html", history)
        yield from self._in(folder, "application.json", _as_json(shown))
        yield from self._in(folder, "index.html", self._page("application.html", folder=folder))
        self._lines.append(self._line(folder))

    def _letters(self, folder: _Folder, entry: Json) -> Iterator[bytes]:
        for letter in entry.get("letters", ()):
            path = f"letters/{entry['seq']:03}-{_plain(letter['name'])}.docx"
            yield from self._kept(folder, folder.letters, letter["title"], entry, letter["sha256"], path)

    def _papers(self, folder: _Folder, entry: Json) -> Iterator[bytes]:
        step = folder.process.step(entry["step"])
        for number, file in enumerate(files_in(step, entry["answers"]), start=1):
            path = f"papers/{entry['seq']:03}-{step.key}-{number}"
            yield from self._kept(folder, folder.papers, f"{step.title}: {file['name']}", entry, file["sha256"], path)

    def _kept(
        self, folder: _Folder, among: list[_Kept], title: str, entry: Json, sha256: str, path: str
    ) -> Iterator[bytes]:
        """A file as the store has it; what it is, its content says. One that is named again is not put in again."""
        kept = _Kept(title, entry["at"], folder.paths.get(sha256, ""))
        among.append(kept)
        if kept.path:
            return
        try:
            content = self._portal.store.get_file(sha256)
        except NotFound:
            kept.why_missing = "It is not kept any more."
        except Damaged:
            kept.why_missing = "It is damaged: its content is not what was kept."
        else:
            kind = kind_of(content)
            kept.path = path if path.endswith(".docx") else f"{path}{kind.endings[0] if kind else '.bin'}"
            folder.paths[sha256] = kept.path
            yield from self._in(folder, kept.path, content)

    def _overview(self, folder: _Folder, overview: Overview) -> Iterator[bytes]:
        yield from self._in(folder, f"{overview.key}.csv", _as_csv(overview, folder.document, self._today))
        yield from self._in(
            folder, f"{overview.key}.html", self._page("overview.html", folder=folder, overview_=overview)
        )

    def _line(self, folder: _Folder) -> _Line:
        shown, process = folder.document, folder.process
        return _Line(
            folder.name,
            shown["id"],
            shown["organization"],
            shown["lcsa"],
            process.status_title(shown["status"]),
            tuple(sum(1 for _ in overview.rows(shown, self._today)) for overview in process.overviews),
            (
                *(words for overview in process.overviews for words in overview.summary(shown, self._today)),
                *(Marked(one.words) for one in process.concerns(shown, self._today)),
            ),
            len(folder.missing),
        )

    def _page(self, template: str, **context: object) -> bytes:
        return page(template, reader=self._reader.words, at=self._now, today=self._today, **context)

    def _in(self, folder: _Folder, path: str, content: bytes) -> Iterator[bytes]:
        return self._put(f"{folder.name}/{path}", content)

    def _put(self, path: str, content: bytes) -> Iterator[bytes]:
        return self._zip.file(f"{self._top}/{path}", content)


def _plain(words: str) -> str:
    """The words as part of a file's name on any machine: `kern-iv-a`, 40 characters at most."""
    ascii_only = normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:40].rstrip("-") or "unnamed"


def _as_csv(overview: Overview, document: Json, today: date) -> bytes:
    rows = (
        {
            heading: str(cell) if isinstance(cell, Marked | Attached) else cell
            for heading, cell in zip(overview.headings, row, strict=True)
        }
        for row in overview.rows(document, today)
    )
    return sheets.csv_bytes(overview.headings, rows)


def _as_json(document: Json) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode()
