"""Lists by key, each kept in order. Standard library only."""

from bisect import bisect_left, insort
from collections import defaultdict
from typing import Any, TypeVar

K = TypeVar("K")
E = TypeVar("E", bound=tuple[Any, ...])


class Ordered(defaultdict[K, list[E]]):
    """Lists by key, each in order. While `filling`, entries are only appended, to be sorted once."""

    def __init__(self) -> None:
        super().__init__(list)
        self.filling = False

    def put(self, key: K, entry: E) -> None:
        """The entry is in the key's list."""
        if self.filling:
            self[key].append(entry)
        else:
            insort(self[key], entry)

    def drop(self, key: K, entry: E) -> None:
        """The entry, which is in the key's list, is not in it any more."""
        entries = self[key]
        del entries[bisect_left(entries, entry)]
        if not entries:
            del self[key]

    def set_filling(self, filling: bool) -> None:
        """Filling begins, or ends: then every list is in order."""
        self.filling = filling
        if not filling:
            for entries in self.values():
                entries.sort()
