"""Records: small things of the portal itself, by kind and key, each in a small JSON file, written durably."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, unquote

import orjson

from portal.store.durable_file import (
    TEMPORARY,
    make_folder,
    read_if_there,
    remove_durably,
    remove_leftovers,
    unavailable_when_failing,
    write_durably,
)
from portal.store.errors import Conflict, Damaged
from portal.store.folder_lock import FolderLock
from portal.store.port import Json

_SUFFIX = ".json"
_AS_JSON = orjson.OPT_INDENT_2 | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
_KIND = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
_LONGEST = 200  # characters of a file's name that stand for a key; disks take 255 bytes
_SHORTENED = "~"  # in no name that holds a whole key


def name_of(key: str) -> str:
    """The name of a key's file, without its ending: the key with all but letters, digits, `_` and `-` percent-encoded.

    One that comes out too long is cut, and the SHA-256 of the whole stands for the rest. Raises ValueError for no key.
    """
    if not key:
        raise ValueError("a record's key cannot be empty")
    name = quote(key, safe="", errors="surrogatepass").replace(".", "%2E").replace(_SHORTENED, "%7E")
    if len(name) <= _LONGEST:
        return name
    return f"{name[:100]}{_SHORTENED}{hashlib.sha256(name.encode()).hexdigest()}"


def revision_in(value: Json, name: str) -> int:
    """The revision that what is to be restored carries. Raises ValueError when it carries none."""
    revision = value.get("revision")
    if type(revision) is not int or revision < 1:
        raise ValueError(f"{name} carries no revision")
    return revision


class Records:
    """The records under `data/records`."""

    def __init__(self, data: Path) -> None:
        self.folder = data / "records"
        # A lock of their own, so that a record can be kept inside a block of writing documents.
        self._writers = FolderLock(data / ".lock-records")
        with unavailable_when_failing(f"{self.folder} cannot be read"):
            make_folder(self.folder)
            for folder in self._kinds():
                remove_leftovers(folder)

    def _kinds(self) -> list[Path]:
        return sorted(folder for folder in self.folder.iterdir() if folder.is_dir())

    def _path(self, kind: str, key: str) -> Path:
        if not _KIND.fullmatch(kind):
            raise ValueError(f"{kind!r} cannot be a kind of records")
        return self.folder / f"{kind}/{name_of(key)}{_SUFFIX}"

    def get(self, kind: str, key: str) -> Json | None:
        """As `Store.get_record`."""
        return self._read(self._path(kind, key), f"{kind}/{key}", key)

    def _read(self, path: Path, name: str, key: str | None = None) -> Json | None:
        content = read_if_there(path, f"record {name}")
        if content is None:
            return None
        try:
            kept = orjson.loads(content)
            if not isinstance(kept["key"], str) or key not in (None, kept["key"]):
                raise Damaged("record", name, f"its file holds {kept['key']!r}")
            record: Json = kept["record"]
            if type(record["revision"]) is not int:
                raise Damaged("record", name, "it has no revision")
        except (ValueError, KeyError, TypeError) as error:
            raise Damaged("record", name, f"cannot be read: {error}") from error
        return record

    def put(self, kind: str, key: str, value: Json, expected_revision: int | None = None) -> Json:
        """As `Store.put_record`."""
        path, name = self._path(kind, key), f"{kind}/{key}"
        with self._writers.held():
            found = self._revision(path, name, key, expected_revision)
            if expected_revision not in (None, found):
                raise Conflict(name, expected_revision or 0, found)
            return self._write(path, name, key, {**value, "revision": found + 1})

    def restore(self, kind: str, key: str, value: Json) -> None:
        """As `Store.restore_record`."""
        path, name = self._path(kind, key), f"{kind}/{key}"
        revision_in(value, name)
        with self._writers.held():
            self._write(path, name, key, value)

    def _write(self, path: Path, name: str, key: str, record: Json) -> Json:
        content = orjson.dumps({"key": key, "record": record}, option=_AS_JSON)
        with unavailable_when_failing(f"record {name} cannot be written"):
            make_folder(path.parent)
            write_durably(path, content)
        kept: Json = orjson.loads(content)["record"]
        return kept

    def _revision(self, path: Path, name: str, key: str, expected_revision: int | None) -> int:
        try:
            kept = self._read(path, name, key)
        except Damaged:
            if expected_revision is not None:
                raise
            return 0  # what is put without a look at what was there also heals it
        return kept["revision"] if kept else 0

    def delete(self, kind: str, key: str) -> None:
        """As `Store.delete_record`."""
        path = self._path(kind, key)
        with self._writers.held(), unavailable_when_failing(f"record {kind}/{key} cannot be removed"):
            remove_durably(path)

    def all(self, kind: str) -> Iterator[tuple[str, Json]]:
        """As `Store.records`."""
        for key, path in sorted(self._keys(self._path(kind, "any").parent)):
            try:
                record = self._read(path, f"{kind}/{key}", key)
            except Damaged:
                continue
            if record is not None:
                yield key, record

    def _keys(self, folder: Path) -> list[tuple[str, Path]]:
        """The key and the file of each record of a folder; a damaged one's with a shortened name is its name."""
        found = []
        for path in _files_of(folder):
            name = path.name.removesuffix(_SUFFIX)
            key = unquote(name, errors="surrogatepass")
            if _SHORTENED in name:
                # If it is damaged it goes by its file's name.
                with suppress(ValueError, KeyError, TypeError):
                    told = orjson.loads(read_if_there(path, f"record {key}") or b"")["key"]
                    key = told if name_of(told) == name else key
            found.append((key, path))
        return found

    def kinds(self) -> list[str]:
        """As `Store.record_kinds`."""
        with unavailable_when_failing(f"{self.folder} cannot be read"):
            return [folder.name for folder in self._kinds() if _files_of(folder)]

    def damaged(self) -> list[tuple[str, str]]:
        """(kind/key, why) of every record that cannot be read."""
        found = []
        for folder in self._kinds():
            for key, path in sorted(self._keys(folder)):
                try:
                    self._read(path, f"{folder.name}/{key}", key)
                except Damaged as damaged:
                    found.append((damaged.key, damaged.why))
        return found


def _files_of(folder: Path) -> list[Path]:
    if not folder.exists():
        return []
    with unavailable_when_failing(f"{folder} cannot be read"):
        return [p for p in folder.iterdir() if p.name.endswith(_SUFFIX) and not p.name.startswith(TEMPORARY)]
