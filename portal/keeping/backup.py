"""`flask backup`: everything in one file, while the portal is in use.

What is copied fits together, though steps are taken meanwhile: documents are copied first and, at the end, those that
changed once more, under the lock of writers; records, log and files come after. So a letter that a document names is
in the backup (it was kept before the document), a notice that a document says is queued has its mail, and no claim is
held by two.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

from portal.keeping.archive import Archive, as_bytes, new_archive
from portal.keeping.holdings import Holdings, Outcome, beside_the_store, log_lines, record_kinds
from portal.store.errors import Damaged, NotFound
from portal.store.port import Json, Store

LOG_LINES = 1000
"""In one entry."""


def back_up(store: Store, data: Path, path: Path, now: datetime) -> Outcome:
    """Writes the backup, readable for its owner alone, in the place of any file there once it is whole.

    What cannot be read is left out, and told. Raises `Unavailable`, OSError; then there is no new file.
    """
    wrong: dict[str, str] = {}
    with new_archive(path, int(now.timestamp())) as archive:
        revisions = _add_documents(store, archive, wrong)
        archive.add("ids-given.json", as_bytes(list(store.ids_given())))
        for kind in record_kinds(store):
            for number, (key, record) in enumerate(store.records(kind), start=1):
                archive.add(f"records/{kind}/{number:06d}.json", as_bytes({"key": key, "record": record}))
        lines = log_lines(store, 0, wrong)
        while some := list(islice(lines, LOG_LINES)):
            content = b"".join(as_bytes(line) + b"\n" for line in some)
            archive.add(f"access-log/{some[0]['seq']:012d}.jsonl", content, len(some))
        for name, beside in beside_the_store(data):
            archive.add(f"folders/{name}", beside.read_bytes())
        for sha256, content in _files(store, wrong):
            archive.add(f"files/{sha256}", content)
        wrong |= dict(store.damaged())
        holdings = holdings_of(archive.counts, len(revisions))
        archive.finish(_manifest(now, holdings, wrong))
    return Outcome(holdings, tuple(sorted(wrong.items())))


def holdings_of(counts: dict[str, int], documents: int) -> Holdings:
    """How much the entries of a backup hold, by the first part of their names."""
    return Holdings(
        documents=documents,
        records=counts.get("records", 0),
        log_lines=counts.get("access-log", 0),
        files=counts.get("files", 0),
        others=counts.get("folders", 0),
    )


def _add_documents(store: Store, archive: Archive, wrong: dict[str, str]) -> dict[str, int]:
    """Adds every document, and returns their revisions."""
    copied: dict[str, int] = {}

    def copy(document_id: str) -> None:
        try:
            document = store.get(document_id)
        except (NotFound, Damaged) as error:
            wrong[document_id] = str(error)
        else:
            archive.add(f"documents/{document_id}.json", as_bytes(document))
            copied[document_id] = document["revision"]

    for document_id in store.document_ids():
        copy(document_id)
    _copy_changed(store, copied, copy)  # most of them without keeping anybody waiting
    with store.writing():
        _copy_changed(store, copied, copy)
    return copied


def _copy_changed(store: Store, copied: dict[str, int], copy: Callable[[str], None]) -> None:
    for document_id, revision in store.revisions():
        if copied.get(document_id) != revision:
            copy(document_id)


def _files(store: Store, wrong: dict[str, str]) -> Iterator[tuple[str, bytes]]:
    for sha256 in store.file_ids():
        try:
            yield sha256, store.get_file(sha256)
        except (NotFound, Damaged) as error:
            wrong[f"file {sha256}"] = str(error)


def told_by(manifest: Json) -> Holdings:
    """How much a backup should hold, by its manifest."""
    names = ("documents", "records", "access_log_lines", "files", "files_beside_the_store")
    return Holdings(*(manifest.get(name, 0) for name in names))


def _manifest(now: datetime, holdings: Holdings, wrong: dict[str, str]) -> Json:
    return {
        "made_at": now.isoformat(timespec="seconds"),
        "documents": holdings.documents,
        "records": holdings.records,
        "access_log_lines": holdings.log_lines,
        "files": holdings.files,
        "files_beside_the_store": holdings.others,
        "left_out": wrong,
    }
