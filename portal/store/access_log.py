"""The access log's files: a line of JSON for each entry, a file for each month, each line hashed over the one before.

Lines are only ever added, each synced before `append` returns. A line that a kill left half written was never
acknowledged: the next writer cuts it off. An altered or damaged line stays, and verification finds it. A file is named
after the month of its first line, never before that of the file before it.
"""

import errno
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import groupby, islice
from pathlib import Path
from typing import IO

from portal.store.durable_file import make_folder, sync_folder, unavailable_when_failing
from portal.store.errors import Damaged
from portal.store.folder_lock import FolderLock
from portal.store.log_line import FIRST_PREVIOUS, canonical, numbered, words_of
from portal.store.port import Json, LogSearch, Page

_SUFFIX = ".jsonl"
_BLOCK = 1 << 16
_MONTH = re.compile(r"\d{4}-\d{2}")
_AT = re.compile(rb'\{"at":"([0-9T:.Z-]{10,40})"')  # how a line begins, since its keys are in order
_SLACK = timedelta(hours=1)  # by how much the clocks of those who write may differ
_RESTORED_AT_ONCE = 1000  # lines that share one sync


@dataclass(frozen=True, slots=True)
class Tail:
    """Where the log ends: in which file, at which size, with which line."""

    name: str
    size: int
    seq: int
    hash: str


class AccessLog:
    """The log under `data/access-log`."""

    def __init__(self, data: Path) -> None:
        self.folder = data / "access-log"
        self._lasting: set[str] = set()  # files whose names we have seen reach the disk
        # A lock of its own, so that a line can be added inside a block of writing documents.
        self._writers = FolderLock(data / ".lock-log")
        self._tail: Tail | None = None
        with unavailable_when_failing(f"{self.folder} cannot be read"):
            make_folder(self.folder)

    def _names(self) -> list[str]:
        """The files' names, the oldest first."""
        with unavailable_when_failing("the access log cannot be read"):
            return sorted(name for name in os.listdir(self.folder) if name.endswith(_SUFFIX))

    def append(self, line: Json) -> Json:
        """As `Store.append_log`."""
        with self._writers.held(), unavailable_when_failing("the access log cannot be written"):
            tail = self._find_tail()
            kept = numbered(line, tail.seq + 1, tail.hash)
            # Never an older file than the last, even if the clock was put back: the order of names is the lines' order.
            name = max(tail.name, _month_of(kept))
            size = self._write(name, tail.size if name == tail.name else 0, canonical(kept) + b"\n")
            self._tail = Tail(name, size, kept["seq"], kept["hash"])
        return kept

    def restore(self, lines: Iterable[Json]) -> None:
        """As `Store.restore_log_lines`."""
        every = iter(lines)
        while some := list(islice(every, _RESTORED_AT_ONCE)):
            with self._writers.held(), unavailable_when_failing("the access log cannot be written"):
                for name, month in groupby(some, key=_month_of):
                    self._restore(name, list(month))

    def _restore(self, month: str, lines: list[Json]) -> None:
        """Adds lines of one month, for the holder of the lock."""
        tail = self._find_tail()
        seq = tail.seq
        for line in lines:
            if type(line.get("seq")) is not int or line["seq"] <= seq or not isinstance(line.get("hash"), str):
                raise ValueError(f"line {line.get('seq')} cannot follow line {seq}")
            seq = line["seq"]
        name = max(tail.name, month)
        content = b"".join(canonical(line) + b"\n" for line in lines)
        size = self._write(name, tail.size if name == tail.name else 0, content)
        self._tail = Tail(name, size, seq, lines[-1]["hash"])

    def _write(self, name: str, size: int, content: bytes) -> int:
        """Adds to the file, which has this size; returns its new one. Raises OSError; then nothing was added."""
        path = self.folder / name
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o660)
        try:
            try:
                if os.write(descriptor, content) != len(content):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(descriptor)
                if name not in self._lasting:
                    # Whoever made the file may have been killed before the disk had its name.
                    sync_folder(self.folder)
                    self._lasting.add(name)
            except BaseException:
                os.ftruncate(descriptor, size)
                raise
        finally:
            os.close(descriptor)
        return size + len(content)

    def _find_tail(self) -> Tail:
        """The log's end, for the holder of the lock; read only when another process has added to it."""
        names = self._names()
        if not names:
            return Tail("", 0, 0, FIRST_PREVIOUS)
        path = self.folder / names[-1]
        size = path.stat().st_size
        if self._tail and (self._tail.name, self._tail.size) == (names[-1], size):
            return self._tail
        whole = self._whole_size(path)
        if size > whole:
            whole = self._settle(path, whole, size)
        # Lines that cannot be read keep their numbers, and the next line follows the last that can: verification
        # names the damage, and the log goes on.
        unreadable = 0
        for raw in self._backwards(names):
            if (found := _line(raw)) is not None:
                return Tail(names[-1], whole, found["seq"] + unreadable, found["hash"])
            unreadable += 1
        return Tail(names[-1], whole, unreadable, FIRST_PREVIOUS)

    def _settle(self, path: Path, whole: int, size: int) -> int:
        """Ends a last line that has no end; returns the file's size then. What no killed writer leaves stays."""
        if _ending_of(_from(path, whole)) is _Ending.TORN:
            os.truncate(path, whole)
            return whole
        # A whole line but for its end; or an end that was altered, and which verification is to find as a line.
        return self._write(path.name, size, b"\n")

    def _whole_size(self, path: Path) -> int:
        """The file's size without a last line that has no end."""
        with open(path, "rb") as file:
            end = file.seek(0, os.SEEK_END)
            while end:
                start = max(0, end - _BLOCK)
                file.seek(start)
                if (newline := file.read(end - start).rfind(b"\n")) >= 0:
                    return start + newline + 1
                end = start
        return 0

    def _backwards(
        self, names: list[str], before: int | None = None, needles: tuple[bytes, ...] = ()
    ) -> Iterator[bytes]:
        """The lines that have an end, the newest first, in blocks from the back; from the one below `before` on.

        Of blocks in which one of the `needles` does not occur at all, one line alone.
        """
        for name in reversed(names):
            path = self.folder / name
            with open(path, "rb") as file:
                end, rest = self._whole_size(path), b""
                if before is not None:
                    end = _place_after(file, end, before - 1)
                while end:
                    start = max(0, end - _BLOCK)
                    file.seek(start)
                    block = file.read(end - start) + rest
                    if all(needle in block for needle in needles):
                        lines = block.split(b"\n")
                        rest = lines[0]
                        yield from (line for line in reversed(lines[1:]) if line)
                    else:
                        rest, _, others = block.partition(b"\n")
                        yield others.partition(b"\n")[0]  # its time tells whether to go on
                    end = start
                if rest:
                    yield rest

    def page(self, offset: int, limit: int, words: tuple[str, ...]) -> Page[Json]:
        """As `Store.log`. A damaged line is left out here; `lines` names it."""
        with unavailable_when_failing("the access log cannot be read"):
            names = self._names()
            asked = _Words(words)
            every = (line for raw in self._backwards(names) if (line := asked.in_line(raw)) is not None)
            if words:
                return _page_of_all(every, offset, limit)
            rows = list(islice(every, offset, offset + limit))
            newest = next(filter(None, map(_line, self._backwards(names))), None)
            return Page(rows, offset, newest["seq"] if newest else 0)

    def found(self, search: LogSearch, before: int | None, limit: int) -> list[Json]:
        """As `Store.log_found`."""
        with unavailable_when_failing("the access log cannot be read"):
            return list(islice(self._found(search, before), limit))

    def _found(self, search: LogSearch, before: int | None) -> Iterator[Json]:
        asked, oldest = _Words(search.words), _an_hour_before(search.since)
        needles = tuple(_as_in_line(key, value) for key, value in search.values.items())
        for raw in self._backwards(self._names(), before, needles):
            begin = _AT.match(raw)
            at = begin[1].decode() if begin else ""
            if at and at < oldest:
                return
            # Most lines are passed over as they stand: to take one apart costs ten times as much as all this.
            if (search.until and at >= search.until) or not all(needle in raw for needle in needles):
                continue
            line = asked.in_line(raw)
            if line is None or (before is not None and line["seq"] >= before) or at < search.since:
                continue
            if all(line.get(key) == value for key, value in search.values.items()):
                yield line

    def lines(self, after: int = 0) -> Iterator[Json]:
        """As `Store.log_lines`."""
        newest_before = ""
        for name, start in self._places_after(after):
            if not _MONTH.fullmatch(name.removesuffix(_SUFFIX)):
                raise Damaged("access log", name, "is no file of the log")
            for number, raw in self._raw_lines(name, start):
                if (line := _line(raw)) is None:
                    raise Damaged("access log", f"{name}, line {number}", "cannot be read")
                if not _is_as_written(line, raw):
                    raise Damaged("access log", f"{name}, line {number}", "is not written as the portal writes")
                if name != max(newest_before, _month_of(line, name)):
                    raise Damaged("access log", f"{name}, line {number}", "stands in the file of another month")
                if line["seq"] > after or line["seq"] == 0:
                    yield line
            newest_before = name

    def _places_after(self, after: int) -> list[tuple[str, int]]:
        """The files in which lines after this number stand, the oldest first, each with where they begin."""
        names = self._names()
        if not after:
            return [(name, 0) for name in names]
        places = []
        for name in reversed(names):
            with unavailable_when_failing("the access log cannot be read"), open(self.folder / name, "rb") as file:
                start = _place_after(file, self._whole_size(self.folder / name), after)
            places.append((name, start))
            if start:
                break  # lines before it stand here, too
        return places[::-1]

    def _raw_lines(self, name: str, start: int) -> Iterator[tuple[int, bytes]]:
        """The file's lines from there on, with their numbers, without one that was left half written."""
        with unavailable_when_failing("the access log cannot be read"), open(self.folder / name, "rb") as file:
            file.seek(start)
            for number, raw in enumerate(file, start=1):
                if not raw.endswith(b"\n") and _ending_of(raw) is _Ending.TORN:
                    return
                yield number, raw

    def torn(self) -> bool:
        """As `Store.log_torn`."""
        with unavailable_when_failing("the access log cannot be read"):
            names = self._names()
            if not names:
                return False
            path = self.folder / names[-1]
            rest = _from(path, self._whole_size(path))
            return bool(rest) and _ending_of(rest) is _Ending.TORN


class _Ending(Enum):
    """What stands after the last line's end."""

    TORN = "the beginning of a line, which a killed writer left"
    WHOLE = "a line without its end"
    ALTERED = "what no writer leaves"


def _ending_of(rest: bytes) -> _Ending:
    text = rest.decode(errors="replace")
    try:
        line, end = json.JSONDecoder().raw_decode(text)
    except ValueError:
        begins = text.startswith("{") or not rest.strip(b"\0")  # a disk may have the size before the content
        return _Ending.TORN if begins else _Ending.ALTERED
    return _Ending.WHOLE if end == len(text) and isinstance(line, dict) else _Ending.ALTERED


def _place_after(file: IO[bytes], size: int, seq: int) -> int:
    """Where the first line begins that is numbered above this, in a file of so many bytes whose lines are in order."""
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        file.seek(max(0, middle - 1))
        if middle:
            file.readline()
        start, line = file.tell(), None
        while line is None and (raw := file.readline()) and start < high:
            end = start + len(raw)
            if (line := _line(raw)) is None:
                start = end  # a damaged one: the next tells
        if line is not None and start < high and line["seq"] <= seq:
            low = end
        else:
            high = middle
    return low


def _from(path: Path, start: int) -> bytes:
    with open(path, "rb") as file:
        file.seek(start)
        return file.read()


def _as_in_line(key: str, value: str) -> bytes:
    """A key with its value as they stand in a line."""
    return canonical({key: value})[1:-1]


def _an_hour_before(at: str) -> str:
    return f"{datetime.fromisoformat(at) - _SLACK:%Y-%m-%dT%H:%M:%SZ}" if at else ""


def _month_of(line: Json, otherwise: str = "") -> str:
    """The name of the file for a line, going by the time that it tells; this month's when it tells none."""
    found = _MONTH.match(str(line.get("at", "")))
    return f"{found[0]}{_SUFFIX}" if found else otherwise or f"{datetime.now(UTC):%Y-%m}{_SUFFIX}"


def _is_as_written(line: Json, raw: bytes) -> bool:
    """Whether these are the bytes that the portal writes for the line. Others may say the same, and then no hash tells;
    but searches, which go by the bytes, would pass over them.
    """
    try:
        return canonical(line) == raw.removesuffix(b"\n")
    except ValueError:
        return False  # a number that JSON does not have


def _line(raw: bytes) -> Json | None:
    try:
        line = json.loads(raw)
        return line if isinstance(line["seq"], int) and isinstance(line["hash"], str) else None
    except (ValueError, KeyError, TypeError):
        return None


class _Words:
    """Words that all must occur in a line's values, in any case."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self._words = [word.casefold() for word in words]
        # As they stand in JSON: a line without them need not be taken apart, which is a tenth of the work.
        self._as_json = [json.dumps(word, ensure_ascii=False)[1:-1] for word in self._words]

    def in_line(self, raw: bytes) -> Json | None:
        """The line, if the words are in it and it can be read."""
        if self._words:
            text = raw.decode(errors="replace").casefold()
            if not all(word in text for word in self._as_json):
                return None
        line = _line(raw)
        if line is None or not self._words:
            return line
        text = words_of(line)
        return line if all(word in text for word in self._words) else None


def _page_of_all(every: Iterator[Json], offset: int, limit: int) -> Page[Json]:
    rows, total = [], 0
    for line in every:
        if offset <= total < offset + limit:
            rows.append(line)
        total += 1
    return Page(rows, offset, total)
