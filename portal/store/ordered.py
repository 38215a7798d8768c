"""Lists by key, each kept in order. Standard library only."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

G = TypeVar("G")
K = TypeVar("K")
E = TypeVar("E", bound=tuple[Any, ...])


class Ordered(defaultdict[K, list[E]]):
    """Lists by key, each in order."""

    def __init__(self) -> None:
        super().__init__(list)

    def fill(self, entries: Iterable[tuple[K, E]]) -> None:
        """As `put`, for many at once: each list is sorted once."""
        longer: dict[int, list[E]] = {}
        for key, entry in entries:
            kept = self[key]
            kept.append(entry)
            longer[id(kept)] = kept
        for kept in longer.values():
            kept.sort()

    def fill_groups(self, entries: Iterable[tuple[G, E]], keys: Callable[[G], Iterable[K]]) -> None:
        """As `fill`, where all entries of a group are in the lists of the same keys: they go into each together."""
        groups: defaultdict[G, list[E]] = defaultdict(list)
        for group, entry in entries:
            groups[group].append(entry)
        longer: dict[K, None] = {}
        for group, of_group in groups.items():
            for key in keys(group):
                self[key] += of_group
                longer[key] = None
        for key in longer:
            self[key].sort()

    def put(self, key: K, entry: E) -> None:
        """The entry is in the key's list."""
        insort(self[key], entry)

    def drop(self, key: K, entry: E) -> None:
        """The entry, which is in the key's list, is not in it any more."""
        entries = self[key]
        del entries[bisect_left(entries, entry)]
        if not entries:
            del self[key]
