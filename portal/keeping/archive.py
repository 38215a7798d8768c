"""The file of a backup: a .tar.gz that `tar` and `sha256sum` read too, written whole or not at all.

    documents/TPA-2026-0007.json   a document; of two with one name the later one counts, as it does for `tar`
    ids-given.json                 the last id of each prefix and year
    records/people/000001.json     {"key": ..., "record": ...}
    access-log/000000000001.jsonl  lines of the access log, from this number on
    folders/outbox/NAME            a file of the data folder that is not in the store
    files/SHA256                   a letter or a paper
    SHA256SUMS                     of every entry above, in this order
    manifest.json                  the last entry, so that a file that was cut off is none

Entries are written and read one after another, and none is kept in memory.
"""

import gzip
import hashlib
import io
import json
import os
import secrets
import tarfile
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from portal.store.durable_file import sync_folder
from portal.store.port import Json

SUMS, MANIFEST = "SHA256SUMS", "manifest.json"
FORMAT = 1
_QUICK = 3  # of gzip's 1 to 9: a fifth larger than the best, in a quarter of the time
_BLOCK = tarfile.BLOCKSIZE


class NotABackup(ValueError):
    """The file is no whole backup: it was cut off, altered, or never was one."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path} is not a whole backup: {why}")
        self.path, self.why = path, why


def as_bytes(value: Any, in_order: bool = False) -> bytes:
    """A value as entries hold it; `in_order` of its keys, two that are equal come out the same."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=in_order)
    return text.encode("utf-8", "surrogatepass")


def from_bytes(content: bytes) -> Any:
    """What `as_bytes` was given. Raises ValueError."""
    return json.loads(content.decode("utf-8", "surrogatepass"))


class Archive:
    """A backup being written."""

    def __init__(self, out: gzip.GzipFile, sums: IO[bytes], at: int) -> None:
        self._out, self._sums, self._at = out, sums, at
        self.counts: Counter[str] = Counter()

    def add(self, name: str, content: bytes, number: int = 1) -> None:
        """Writes an entry, in which there are so many things of its kind."""
        self._write(name, len(content), io.BytesIO(content))
        self._sums.write(_sum_line(name, hashlib.sha256(content).hexdigest()))
        self.counts[name.partition("/")[0]] += number

    def _write(self, name: str, size: int, content: IO[bytes]) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mtime, entry.mode = size, self._at, 0o600
        self._out.write(entry.tobuf(tarfile.PAX_FORMAT))
        while block := content.read(1 << 20):
            self._out.write(block)
        self._out.write(b"\0" * (-size % _BLOCK))

    def finish(self, manifest: Json) -> None:
        """Writes the checksums and, last, the manifest."""
        size = self._sums.tell()
        self._sums.seek(0)
        self._write(SUMS, size, self._sums)
        told = json.dumps({"format": FORMAT, **manifest}, ensure_ascii=False, indent=2).encode()
        self._write(MANIFEST, len(told), io.BytesIO(told))
        self._out.write(b"\0" * 2 * _BLOCK)


@contextmanager
def new_archive(path: Path, at: int) -> Iterator[Archive]:
    """A backup to be written, for its owner alone; in its place once the block has ended well. Raises OSError.

    `at` is the time of its entries, in seconds since 1970.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with open(beside, "xb", opener=_for_the_owner) as file:
            with (
                gzip.GzipFile("", "wb", _QUICK, file, mtime=at) as out,
                tempfile.TemporaryFile(dir=path.parent) as sums,
            ):
                yield Archive(out, sums, at)
            file.flush()
            os.fsync(file.fileno())
        os.rename(beside, path)
        sync_folder(path.parent)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(beside)


def entries(path: Path) -> Iterator[tuple[str, bytes]]:
    """Name and content of every entry in order. Raises `NotABackup` where it cannot be read, OSError."""
    with open(path, "rb") as file:
        try:
            with gzip.GzipFile(fileobj=file) as unpacked:
                yield from _entries(unpacked)
                while unpacked.read(1 << 20):
                    pass  # to the end: gzip's own checksum stands there
        except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise NotABackup(path, f"it cannot be read: {error}") from error


def _entries(unpacked: gzip.GzipFile) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=unpacked, mode="r|") as tar:
        while (entry := tar.next()) is not None:
            content = tar.extractfile(entry)
            if content is None:
                raise tarfile.ReadError(f"{entry.name} is not a file")
            yield entry.name, content.read()
            tar.members = []  # type: ignore[attr-defined]  # it would remember every entry


def checked(path: Path) -> Iterator[tuple[str, bytes]]:
    """As `entries`, without checksums and manifest; at the end raises `NotABackup` if any entry is not as written.

    Nothing may be done with what it yields before it has ended.
    """
    with tempfile.TemporaryFile() as found:
        sums: bytes | None = None
        is_whole = False
        for name, content in entries(path):
            if is_whole:
                raise NotABackup(path, f"{name} stands after its end")
            if name == MANIFEST:
                is_whole = True
            elif name == SUMS:
                sums = content
            else:
                found.write(_sum_line(name, hashlib.sha256(content).hexdigest()))
                yield name, content
        if sums is None or not is_whole:
            raise NotABackup(path, "it has no end")
        found.seek(0)
        _compare(path, io.BytesIO(sums), found)


def manifest_of(path: Path) -> Json:
    """The manifest. Raises `NotABackup`, OSError."""
    last = b""
    for name, content in entries(path):
        last = content if name == MANIFEST else b""
    try:
        manifest: Json = json.loads(last)
        if manifest["format"] != FORMAT:
            raise NotABackup(path, f"its format is {manifest['format']}, and this portal reads {FORMAT}")
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, NotABackup):
            raise
        raise NotABackup(path, "it has no manifest") from error
    return manifest


def _compare(path: Path, told: IO[bytes], found: IO[bytes]) -> None:
    while True:
        expected, line = told.readline(), found.readline()
        if expected != line:
            name = (line or expected).decode(errors="replace").rstrip("\n").partition("  ")[2]
            raise NotABackup(path, f"{name} is not what was written")
        if not line:
            return


def _sum_line(name: str, sha256: str) -> bytes:
    return f"{sha256}  {name}\n".encode()


def _for_the_owner(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)
