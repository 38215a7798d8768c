"""What the tests of the pages share: a form's token, papers to send, what the data folder holds, what was refused."""

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from pypdf import PdfWriter
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from portal.process.document import Json
from tests.clients import Page, PortalClient, typed
from tests.conftest import House

_TOKENS: WeakKeyDictionary[PortalClient, str] = WeakKeyDictionary()


def token_of(client: PortalClient) -> str:
    """The token that the forms of this browser carry; it is good for the whole session."""
    if client not in _TOKENS:
        tree = Page(client.get("/sign-in", follow_redirects=True)).tree
        assert tree is not None
        _TOKENS[client] = str(tree.xpath("//input[@name='csrf_token']/@value")[0])
    return _TOKENS[client]


def posted(client: PortalClient, address: str, answers: Mapping[str, Any] | None = None, **other: Any) -> Page:
    """The answer to a POST that carries the browser's own token."""
    sent = {"csrf_token": token_of(client), **typed(dict(answers or {})), **other}
    boundary, body = encode_multipart(sent)  # in memory: the test client's own way leaves large ones in open files
    return Page(client.post(address, data=body, content_type=f"multipart/form-data; boundary={boundary}"))


def a_pdf(pages: int = 1, password: str = "") -> bytes:
    """A PDF with so many blank pages, locked when there is a password."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(612, 792)
    if password:
        writer.encrypt(password)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def upload(content: bytes, name: str = "signed mou.pdf", kind: str = "application/pdf") -> FileStorage:
    """A file as a browser sends it."""
    return FileStorage(io.BytesIO(content), name, content_type=kind)


def kept_in(folder: Path, *besides: str) -> dict[str, str]:
    """The checksum of every file below this folder, by its path; without those whose path has one of these parts."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part in str(path.relative_to(folder)) for part in besides)
    }


def refusals(house: House, who: str = "") -> list[Json]:
    """The access log's lines of what was refused, the newest first; of one person, by their address."""
    lines = house.portal.store.log(0, 5000, ("refused", who)).rows
    return [line for line in lines if line["outcome"] == "refused" and who in ("", line["who"])]


def at_step(document: Mapping[str, Any], step: str) -> str:
    """The address of a document's step."""
    return f"/applications/{document['id']}/steps/{step}"
