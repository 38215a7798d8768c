"""A disk that forgets what was not synced. It watches the operating system's calls on a folder, knows what a power cut
would leave of it at any moment, and lays that out in another folder.

What is durable, by the letter of POSIX and by no kindness of a file system: a file's content once the file was synced, a
name in a folder once that folder was synced. Everything else may have reached the disk, or not, or in part.
"""

import os
import random
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.system_calls import CHANGING, Call, in_place_of, parts_within

NOTHING_MORE, EVERYTHING, SOMETHING = "nothing more", "everything", "something"
"""What of the unsynced reached the disk all the same."""

WAYS = (NOTHING_MORE, EVERYTHING, SOMETHING)


@dataclass(frozen=True, slots=True)
class Named:
    """In a folder, a name leads to another node from now on, or to none; for a rename two names, in one act."""

    folder: int
    names: tuple[tuple[str, int | None], ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A file's content, as it is from now on."""

    node: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Synced:
    """A file's content or a folder's names have reached the disk. `what` says which, for people."""

    node: int
    what: str


Event = Named | Written | Synced


@dataclass
class _Node:
    """A file or a folder, as it is and as the disk has it."""

    is_folder: bool
    names: dict[str, int] = field(default_factory=dict)
    content: bytes = b""
    durable_names: dict[str, int] = field(default_factory=dict)
    durable_content: bytes | None = None
    unsynced: list[Named] = field(default_factory=list)


class Tree:
    """Files and folders by number; 0 is the folder that is watched."""

    def __init__(self) -> None:
        self.nodes: dict[int, _Node] = {0: _Node(is_folder=True)}

    def copy(self) -> "Tree":
        """The same, apart."""
        tree = Tree()
        tree.nodes = {
            number: _Node(
                node.is_folder,
                dict(node.names),
                node.content,
                dict(node.durable_names),
                node.durable_content,
                list(node.unsynced),
            )
            for number, node in self.nodes.items()
        }
        return tree

    def add(self, is_folder: bool) -> int:
        """A new node, which no name leads to yet."""
        number = len(self.nodes)
        self.nodes[number] = _Node(is_folder)
        return number

    def find(self, parts: tuple[str, ...]) -> int | None:
        """Where this path leads."""
        number = 0
        for part in parts:
            found = self.nodes[number].names.get(part)
            if found is None:
                return None
            number = found
        return number

    def apply(self, event: Event) -> None:
        """It happened."""
        if isinstance(event, Named):
            node = self.nodes[event.folder]
            _name(node.names, event)
            node.unsynced.append(event)
        elif isinstance(event, Written):
            self.nodes[event.node].content = event.content
        else:
            node = self.nodes[event.node]
            node.durable_content, node.durable_names, node.unsynced = node.content, dict(node.names), []

    def sync_all(self) -> None:
        """All of it is durable: it was there long before."""
        for number in self.nodes:
            self.apply(Synced(number, "all"))

    def lay_out(self, to: Path, way: str, chance: random.Random) -> None:
        """What a power cut leaves, in a new folder."""
        self._lay_out(0, to, way, chance)

    def _lay_out(self, number: int, to: Path, way: str, chance: random.Random) -> None:
        node = self.nodes[number]
        if not node.is_folder:
            to.write_bytes(_content_left(node, way, chance))
            return
        to.mkdir(exist_ok=True)
        for name, inner in _names_left(node, way, chance).items():
            self._lay_out(inner, to / name, way, chance)


def _name(names: dict[str, int], event: Named) -> None:
    for name, node in event.names:
        if node is None:
            names.pop(name, None)
        else:
            names[name] = node


def _names_left(node: _Node, way: str, chance: random.Random) -> dict[str, int]:
    if way == EVERYTHING:
        return node.names
    names = dict(node.durable_names)
    if way == SOMETHING:
        for event in node.unsynced[: chance.randint(0, len(node.unsynced))]:
            _name(names, event)
    return names


def _content_left(node: _Node, way: str, chance: random.Random) -> bytes:
    if way == EVERYTHING:
        return node.content
    synced = node.durable_content or b""
    if way == SOMETHING and node.content != synced:
        # Lengths reach the disk before contents do: what is not there yet reads as zeros.
        half = len(node.content) // 2
        return chance.choice(
            [synced, node.content, b"", node.content[:half], node.content[:half] + bytes(len(node.content) - half)]
        )
    return synced


class Killed(BaseException):
    """The process is no more: none of its calls reaches the operating system."""


class Disk:
    """Watches a folder from now on, within `watching`. Everything that is there already is durable.

    For one thread. Files that are written otherwise than through `os.open` are not seen; `knows_all` finds that out.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder.resolve())
        self.events: list[Event] = []
        self._start = Tree()
        self._read(self._start, 0, folder)
        self._start.sync_all()
        self._now = self._start.copy()
        self._open: dict[int, int] = {}
        self.kill_at: int | None = None
        """After how many events the one who causes them is killed; until this is set to None, for the next process."""

    def _read(self, tree: Tree, number: int, path: Path) -> None:
        for entry in sorted(path.iterdir()):
            inner = tree.add(entry.is_dir())
            tree.nodes[number].names[entry.name] = inner
            if entry.is_dir():
                self._read(tree, inner, entry)
            else:
                tree.nodes[inner].content = entry.read_bytes()

    def after(self, events: int | None = None, without: Collection[int] = ()) -> Tree:
        """The tree after so many events (all, unless said), if those at some places had not happened."""
        tree = self._start.copy()
        for _ in range(len(self._now.nodes) - len(tree.nodes)):
            tree.add(is_folder=False)
        for number, node in self._now.nodes.items():
            tree.nodes[number].is_folder = node.is_folder
        for place, event in enumerate(self.events[:events]):
            if place not in without:
                tree.apply(event)
        return tree

    def syncs(self) -> dict[str, list[int]]:
        """What was synced, and the places of the events that did it: a folder may be synced several times."""
        found: dict[str, list[int]] = {}
        for place, event in enumerate(self.events):
            if isinstance(event, Synced):
                found.setdefault(event.what, []).append(place)
        return found

    def is_about_something(self, places: Collection[int]) -> bool:
        """Whether these syncs made anything last that we saw. One may be for another process, which was killed perhaps
        after it had kept the same file, and before it had synced its folder.
        """
        nodes = {event.node for place in places if isinstance(event := self.events[place], Synced)}
        return any(
            (event.folder if isinstance(event, Named) else event.node) in nodes
            for event in self.events
            if not isinstance(event, Synced)
        )

    def knows_all(self, folders: tuple[str, ...]) -> None:
        """Everything that is in these folders came there through what was watched."""
        for name in folders:
            real = {
                p.relative_to(self._folder).parts: p.read_bytes()
                for p in Path(self._folder, name).rglob("*")
                if p.is_file()
            }
            known = {parts: self._now.nodes[number].content for parts, number in self._walk(0, ()) if parts[0] == name}
            assert known == real, f"{name}: {known.keys() ^ real.keys()}"

    def _walk(self, number: int, parts: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
        node = self._now.nodes[number]
        if not node.is_folder:
            yield parts, number
        for name, inner in node.names.items():
            yield from self._walk(inner, (*parts, name))

    def _happened(self, event: Event) -> None:
        self.events.append(event)
        self._now.apply(event)

    def _parts(self, path: Any) -> tuple[str, ...] | None:
        return parts_within(self._folder, path)

    def _folder_of(self, parts: tuple[str, ...]) -> int:
        number = self._now.find(parts[:-1])
        assert number is not None, parts
        return number

    @contextmanager
    def watching(self) -> Iterator["Disk"]:
        """The operating system's calls are noted as they succeed, until the block ends."""
        with in_place_of(_WATCHED, self._noting):
            yield self

    def _noting(self, name: str, real: Call) -> Call:
        note = getattr(self, f"_note_{name}")

        def call(*arguments: Any, **keys: Any) -> Any:
            # The kernel closes what a killed process had open.
            if self.kill_at is not None and len(self.events) >= self.kill_at and name != "close":
                raise Killed
            result = real(*arguments, **keys)
            note(result, *arguments)
            return result

        return call

    def _note_open(self, descriptor: int, path: Any, flags: int, *_: Any) -> None:
        parts = self._parts(path) if isinstance(path, (str, os.PathLike)) else None
        if parts is None:
            return
        number = self._now.find(parts)
        if number is None:
            number = self._now.add(is_folder=False)
            self._happened(Named(self._folder_of(parts), ((parts[-1], number),)))
        self._open[descriptor] = number

    def _note_close(self, _: None, descriptor: int) -> None:
        self._open.pop(descriptor, None)

    def _content_of(self, descriptor: int) -> None:
        if descriptor in self._open:
            with open(f"/proc/self/fd/{descriptor}", "rb") as file:
                self._happened(Written(self._open[descriptor], file.read()))

    def _note_write(self, _: int, descriptor: int, *__: Any) -> None:
        self._content_of(descriptor)

    def _note_ftruncate(self, _: None, descriptor: int, *__: Any) -> None:
        self._content_of(descriptor)

    def _note_truncate(self, _: None, path: Any, length: int) -> None:
        parts = self._parts(path)
        if parts is not None and (number := self._now.find(parts)) is not None:
            self._happened(Written(number, self._now.nodes[number].content[:length]))

    def _note_fsync(self, _: None, descriptor: int) -> None:
        if descriptor in self._open:
            number = self._open[descriptor]
            what = os.readlink(f"/proc/self/fd/{descriptor}").removeprefix(self._folder)
            self._happened(Synced(number, f"{'folder' if self._now.nodes[number].is_folder else 'file'} {what or '/'}"))

    _note_fdatasync = _note_fsync

    def _note_mkdir(self, _: None, path: Any, *__: Any) -> None:
        parts = self._parts(path)
        if parts is not None:
            number = self._now.add(is_folder=True)
            self._happened(Named(self._folder_of(parts), ((parts[-1], number),)))

    def _note_link(self, _: None, path: Any, other: Any) -> None:
        old, new = self._parts(path), self._parts(other)
        if old is not None and new is not None:
            self._happened(Named(self._folder_of(new), ((new[-1], self._now.find(old)),)))

    def _note_unlink(self, _: None, path: Any) -> None:
        parts = self._parts(path)
        if parts is not None:
            self._happened(Named(self._folder_of(parts), ((parts[-1], None),)))

    def _note_rename(self, _: None, path: Any, other: Any) -> None:
        old, new = self._parts(path), self._parts(other)
        if old is None or new is None:
            return
        number, source, target = self._now.find(old), self._folder_of(old), self._folder_of(new)
        if source == target:
            self._happened(Named(source, ((old[-1], None), (new[-1], number))))
        else:
            self._happened(Named(target, ((new[-1], number),)))
            self._happened(Named(source, ((old[-1], None),)))


_WATCHED = (*CHANGING, "close")
