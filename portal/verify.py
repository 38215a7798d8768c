"""Whether everything that is kept is whole and unaltered: documents, histories, letters, papers and the access log."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from portal import publishing
from portal.audit.checkpoints import Checkpoint
from portal.parts import Portal
from portal.process.document import Json
from portal.process.errors import HistoryAltered
from portal.process.explain import files_in
from portal.process.take_step import verify_document
from portal.store.errors import Damaged, NotFound


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with what: a document's id, a record's key, a file's checksum, a line of the log."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was looked at, and what was found."""

    documents: int
    entries: int
    files: int
    log_lines: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The report as JSON carries it."""
        return asdict(self)


def run(portal: Portal, checkpoints: Iterable[Checkpoint] = (), keys: Iterable[str] = ()) -> Report:
    """Looks at everything; at the access log also by these checkpoints, which were kept elsewhere and may be signed
    with these keys besides the portal's own. Raises `Unavailable` when the store does not answer.
    """
    findings = [Finding(key, why) for key, why in portal.store.damaged()]
    known_damaged = {finding.what for finding in findings}
    documents = entries = files = 0
    for document_id in portal.store.document_ids():
        documents += 1
        try:
            document = portal.store.get(document_id)
        except Damaged as error:
            if document_id not in known_damaged:
                findings.append(Finding(document_id, error.why))
            continue
        entries += len(document["history"])
        findings.extend(_of_document(portal, document))
        for sha256 in _files_of(portal, document):
            files += 1
            findings.extend(_of_file(portal, document_id, sha256))
    for letter in publishing.letters(portal):
        files += 1
        findings.extend(_of_file(portal, f"CSS letter {letter['number']}", letter["sha256"]))
    log = portal.auditing.verify(checkpoints, keys)
    findings.extend(Finding(f"access log, line {fault.seq}", fault.why) for fault in log.faults)
    notes = tuple(f"access log: {note}" for note in log.notes)
    return Report(documents, entries, files, log.lines, tuple(findings), notes)


def _of_document(portal: Portal, document: Json) -> Iterator[Finding]:
    try:
        verify_document(portal.process_of(document), document, portal.calendar)
    except HistoryAltered as error:
        yield Finding(document["id"], f"history entry {error.seq} {error.why}")
    except KeyError as error:
        yield Finding(document["id"], f"{error} is missing or unknown")


def _files_of(portal: Portal, document: Json) -> Iterator[str]:
    process = portal.process_of(document)
    for entry in document["history"]:
        yield from (letter["sha256"] for letter in entry.get("letters", ()))
        yield from (letter["text_sha256"] for letter in entry.get("letters", ()) if "text_sha256" in letter)
        yield from (file["sha256"] for file in files_in(process.step(entry["step"]), entry["answers"]))


def _of_file(portal: Portal, document_id: str, sha256: str) -> Iterator[Finding]:
    try:
        portal.store.get_file(sha256)
    except NotFound:
        yield Finding(document_id, f"the file {sha256} that it names is not there")
    except Damaged as error:
        yield Finding(document_id, f"the file {sha256} that it names is damaged: {error.why}")
