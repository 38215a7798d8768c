"""What goes into the package, organization by organization, and how its files are called."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
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
    """One application in the package, as far as it is made: a folder in its organization's."""

    document: Json
    process: Process
    letters: list[_Kept] = field(default_factory=list)
    papers: list[_Kept] = field(default_factory=list)
    paths: dict[str, str] = field(default_factory=dict)
    """Where the file of a checksum stands in the folder."""

    @property
    def id(self) -> str:
        """The application's id, which is the folder's name."""
        document_id: str = self.document["id"]
        return document_id

    def address_here(self, file: Json) -> str:
        """Where a file that the history names stands, as seen from this folder."""
        return self.paths.get(file["sha256"], "#missing")

    def address_above(self, file: Json) -> str:
        """The same, as seen from the organization's folder."""
        path = self.paths.get(file["sha256"])
        return f"{self.id}/{path}" if path else f"{self.id}/index.html#missing"

    @property
    def missing(self) -> list[_Kept]:
        """What should be there, and could not be read."""
        return [one for one in (*self.letters, *self.papers) if one.why_missing]


@dataclass(slots=True)
class _Organization:
    """One organization in the package: the folders of its applications, the earliest first."""

    folders: list[_Folder] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What the organization is called."""
        words: str = self.folders[0].document["organization"]
        return words

    @property
    def lcsa(self) -> str:
        """Its LCSA."""
        words: str = self.folders[0].document["lcsa"]
        return words

    @property
    def folder(self) -> str:
        """The folder's name: no two organizations have the same first application."""
        return f"{self.folders[0].id}-{_plain(self.name)}"

    @property
    def overviews(self) -> list[Overview]:
        """What there is to say of it at a glance."""
        return list(dict.fromkeys(one for folder in self.folders for one in folder.process.overviews))

    @property
    def history(self) -> list[tuple[_Folder, Json]]:
        """Every step on any of its applications, the earliest first."""
        entries = [(folder, entry) for folder in self.folders for entry in folder.document["history"]]
        return sorted(entries, key=lambda one: one[1]["at"])

    @property
    def missing(self) -> list[str]:
        """Applications that these name, as one that renews another does, and that are not among them."""
        named = (other for folder in self.folders for _, other in folder.process.related(folder.document))
        return sorted(set(named) - {folder.id for folder in self.folders})


@dataclass(frozen=True, slots=True)
class _OfApplication:
    """What the first page says of one application."""

    id: str
    status: str
    sentences: tuple[str | Marked, ...]
    missing: int


@dataclass(frozen=True, slots=True)
class _Line:
    """What the first page says of one organization; only this stays in memory of those that are done."""

    folder: str
    organization: str
    lcsa: str
    rows: tuple[int, ...]
    applications: tuple[_OfApplication, ...]
    missing: tuple[str, ...]


def pieces(
    portal: Portal, documents: Iterable[Json], reader: Reader, unreadable: Iterable[str] = ()
) -> Iterator[bytes]:
    """The package, piece by piece, of those of these applications that the reader may see. Those of one organization
    come one after the other, the earliest first; one organization is in memory at a time.

    A letter or paper that is missing or damaged is named in the package, and so are applications that are `unreadable`,
    which is asked for last. Raises the store's `Unavailable`, and what the reader's `note` raises.
    """
    now = portal.clock().astimezone(CALIFORNIA)
    return _Package(portal, reader, now).pieces(documents, unreadable)


class _Package:
    def __init__(self, portal: Portal, reader: Reader, now: datetime) -> None:
        self._portal, self._reader, self._now = portal, reader, now
        self._today = now.date()
        self._zip = ZipStream(now)
        self._top = f"third-party-access-evidence-{self._today.isoformat()}"
        self._lines: list[_Line] = []

    def pieces(self, documents: Iterable[Json], unreadable: Iterable[str]) -> Iterator[bytes]:
        for _, of_one in groupby(documents, key=lambda document: (document["lcsa"], document["organization"])):
            yield from self._organization(of_one)
        index = self._page(
            "index.html", lines=self._lines, unreadable=list(unreadable), overviews=self._portal.process.overviews
        )
        yield from self._put("index.html", index)
        sums = "".join(f"{sha256}  {path.removeprefix(f'{self._top}/')}\n" for path, sha256 in self._zip.sums.items())
        yield from self._put("SHA256SUMS", sums.encode())
        yield from self._zip.end()

    def _organization(self, documents: Iterable[Json]) -> Iterator[bytes]:
        made = _Organization()
        for document in documents:
            yield from self._application(made, document)
        if not made.folders:
            return
        for overview in made.overviews:
            yield from self._overview(made, overview)
        yield from self._in(made, "history.html", self._page("history.html", organization=made))
        yield from self._in(made, "index.html", self._page("organization.html", organization=made))
        self._lines.append(self._line(made))

    def _application(self, made: _Organization, document: Json) -> Iterator[bytes]:
        process = self._portal.process_of(document)
        roles = self._reader.roles(process, document)
        if not any(role in process.policy.seeing for role in roles):
            return
        self._reader.note(document, roles)
        folder = _Folder(policy.readable_to(process, document, roles), process)
        made.folders.append(folder)
        for entry in folder.document["history"]:
            yield from self._letters(made, folder, entry)
            yield from self._papers(made, folder, entry)
        yield from self._in(made, f"{folder.id}/application.json", _as_json(folder.document))
        page = self._page(
            "application.html", organization=made, folder=folder, recorded=recorded(process, folder.document)
        )
        yield from self._in(made, f"{folder.id}/index.html", page)

    def _letters(self, made: _Organization, folder: _Folder, entry: Json) -> Iterator[bytes]:
        for letter in entry.get("letters", ()):
            path = f"letters/{entry['seq']:03}-{_plain(letter['name'])}.docx"
            yield from self._kept(made, folder, folder.letters, letter["title"], entry, letter["sha256"], path)

    def _papers(self, made: _Organization, folder: _Folder, entry: Json) -> Iterator[bytes]:
        step = folder.process.step(entry["step"])
        for number, file in enumerate(files_in(step, entry["answers"]), start=1):
            path = f"papers/{entry['seq']:03}-{step.key}-{number}"
            title = f"{step.title}: {file['name']}"
            yield from self._kept(made, folder, folder.papers, title, entry, file["sha256"], path)

    def _kept(
        self, made: _Organization, folder: _Folder, among: list[_Kept], title: str, entry: Json, sha256: str, path: str
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
            yield from self._in(made, f"{folder.id}/{kept.path}", content)

    def _overview(self, made: _Organization, overview: Overview) -> Iterator[bytes]:
        yield from self._in(made, f"{overview.key}.csv", _as_csv(overview, made, self._today))
        page = self._page("overview.html", organization=made, overview_=overview)
        yield from self._in(made, f"{overview.key}.html", page)

    def _line(self, made: _Organization) -> _Line:
        rows = (
            sum(1 for folder in made.folders for _ in overview.rows(folder.document, self._today))
            for overview in self._portal.process.overviews
        )
        applications = tuple(map(self._of_application, made.folders))
        return _Line(made.folder, made.name, made.lcsa, tuple(rows), applications, tuple(made.missing))

    def _of_application(self, folder: _Folder) -> _OfApplication:
        shown, process = folder.document, folder.process
        said = (one for one in process.overviews if any(True for _ in one.rows(shown, self._today)))
        sentences = (
            *(words for overview in said for words in overview.summary(shown, self._today)),
            *(Marked(one.words) for one in process.concerns(shown, self._today)),
        )
        return _OfApplication(folder.id, process.status_title(shown["status"]), sentences, len(folder.missing))

    def _page(self, template: str, **context: object) -> bytes:
        return page(template, reader=self._reader.words, at=self._now, today=self._today, **context)

    def _in(self, made: _Organization, path: str, content: bytes) -> Iterator[bytes]:
        return self._put(f"{made.folder}/{path}", content)

    def _put(self, path: str, content: bytes) -> Iterator[bytes]:
        return self._zip.file(f"{self._top}/{path}", content)


def _plain(words: str) -> str:
    """The words as part of a file's name on any machine: `kern-iv-a`, 40 characters at most."""
    ascii_only = normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:40].rstrip("-") or "unnamed"


def _as_csv(overview: Overview, made: _Organization, today: date) -> bytes:
    headings = ("Application", *overview.headings)
    rows = (
        {
            heading: str(cell) if isinstance(cell, Marked | Attached) else cell
            for heading, cell in zip(headings, (folder.id, *row), strict=True)
        }
        for folder in made.folders
        for row in overview.rows(folder.document, today)
    )
    return sheets.csv_bytes(headings, rows)


def _as_json(document: Json) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode()
