"""Files by the SHA-256 of what is in them: letters and signed papers. Written once, never changed."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from portal.store.durable_file import (
    make_folder,
    read_if_there,
    remove_leftovers,
    sync_folder,
    unavailable_when_failing,
    write_durably,
)
from portal.store.errors import Damaged, NotFound

_SHA256 = re.compile(r"[0-9a-f]{64}")


class ContentFiles:
    """The files under `data/files`, in folders by the first two digits."""

    def __init__(self, data: Path) -> None:
        self.folder = data / "files"
        with unavailable_when_failing(f"{self.folder} cannot be read"):
            make_folder(self.folder)
            remove_leftovers(self.folder)

    def _path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def put(self, content: bytes) -> str:
        """As `Store.put_file`."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(sha256)
        with unavailable_when_failing(f"file {sha256} cannot be written"):
            make_folder(path.parent)
            if read_if_there(path, f"file {sha256}") == content:
                # Its writer, another process perhaps, may not have come to this yet.
                sync_folder(path.parent)
            else:
                write_durably(path, content, beside=self.folder)
        return sha256

    def get(self, sha256: str) -> bytes:
        """As `Store.get_file`."""
        if not _SHA256.fullmatch(sha256):
            raise NotFound("file", sha256)
        content = read_if_there(self._path(sha256), f"file {sha256}")
        if content is None:
            raise NotFound("file", sha256)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise Damaged("file", sha256, "it is not what was kept: its checksum differs")
        return content

    def ids(self) -> Iterator[str]:
        """As `Store.file_ids`."""
        with unavailable_when_failing(f"{self.folder} cannot be read"):
            for folder in sorted(path for path in self.folder.iterdir() if path.is_dir()):
                yield from sorted(path.name for path in folder.iterdir() if _SHA256.fullmatch(path.name))
