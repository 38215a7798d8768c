"""The lists in which documents are looked for: by LCSA, organization, status and words, the last changed last.

In memory only. Every list is kept in the order in which it is shown, so that a page of it needs no sorting, and its
length needs no counting. Reads and writes no files. Not safe for threads.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import merge
from itertools import chain, islice
from operator import attrgetter, itemgetter

from portal.store.document_row import Row
from portal.store.document_words import DocumentWords, Numbers, bits_of, numbers_of
from portal.store.ordered import Ordered
from portal.store.port import Page, Search

Entry = tuple[str, str, int]
"""When it last changed, its id, its number in the sets of `document_words`."""

NamedEntry = tuple[str, str, str]
"""LCSA, organization, id."""

Region = tuple[str | None, str | None]
"""LCSA and organization, None for any; never an organization of any LCSA."""

_SORTED_WHOLE = 500
"""How far down several lists a page may begin before sorting them together is quicker than following each."""

_FEW = 1000
"""So many documents found by their words are sorted; more are met on the way down a list."""


@dataclass(frozen=True, slots=True)
class WithWords:
    """Documents that were found by words: the rows of a `few`, or else a bit for each number of many."""

    few: Sequence[Row] | None
    flags: bytes
    numbers: Mapping[str, int]

    def __contains__(self, document_id: object) -> bool:
        """Whether the document is one of many."""
        number = self.numbers[str(document_id)]
        return bool(self.flags[number >> 3] >> (number & 7) & 1)


class DocumentsFound:
    """The lists, and the sets for words."""

    def __init__(self) -> None:
        self._lists: Ordered[tuple[str, str | None, str | None], Entry] = Ordered()  # process, lcsa, status
        self._by_name: Ordered[tuple[str, str], NamedEntry] = Ordered()  # process, status
        self._of_organization: Ordered[tuple[str, str], Entry] = Ordered()  # lcsa, organization
        self._entries: list[tuple[Row, Entry] | None] = []
        self._numbers: dict[str, int] = {}
        self._words = DocumentWords()
        self._with: defaultdict[tuple[str, str], Numbers] = defaultdict(Numbers)  # ("lcsa", "Kern") and the like

    def __len__(self) -> int:
        """How many documents are there."""
        return sum(entry is not None for entry in self._entries)

    def fill(self, rows: Sequence[Row]) -> None:
        """As `put`, for many at once."""
        # In the order of the lists, so that each of these comes to be almost in order.
        kept = [(row, self._enter(row)) for row in sorted(rows, key=attrgetter("changed", "document_id"))]
        self._lists.fill_groups(((_kind(row), entry) for row, entry in kept), _keys)
        self._by_name.fill(((row.bucket.process, row.bucket.status), _named(row)) for row in rows)
        self._of_organization.fill(((row.bucket.lcsa, row.bucket.organization), entry) for row, entry in kept)
        self._words.fill((number, *_named(row)) for row, (_, _, number) in kept)
        numbers: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
        for row, (_, _, number) in kept:
            numbers[_kind(row)].append(number)
        for kind, of_kind in numbers.items():
            for value in _values(kind):
                self._with[value].update(of_kind)

    def _enter(self, row: Row) -> Entry:
        """The document's entry, in its place of all."""
        number = self._numbers.setdefault(row.document_id, len(self._entries))
        if number == len(self._entries):
            self._entries.append(None)
        entry = (row.changed, row.document_id, number)
        self._entries[number] = (row, entry)
        return entry

    def put(self, row: Row) -> None:
        """The document has this row; it had none."""
        entry = self._enter(row)
        number = entry[2]
        for key in _keys(_kind(row)):
            self._lists.put(key, entry)
        self._by_name.put((row.bucket.process, row.bucket.status), _named(row))
        self._of_organization.put((row.bucket.lcsa, row.bucket.organization), entry)
        self._words.put(number, *_named(row))
        for value in _values(_kind(row)):
            self._with[value].add(number)

    def drop(self, row: Row) -> None:
        """The document has this row no more."""
        number = self._numbers[row.document_id]
        kept = self._entries[number]
        assert kept is not None
        self._entries[number] = None
        for key in _keys(_kind(row)):
            self._lists.drop(key, kept[1])
        self._by_name.drop((row.bucket.process, row.bucket.status), _named(row))
        self._of_organization.drop((row.bucket.lcsa, row.bucket.organization), kept[1])
        self._words.drop(number, *_named(row))
        for value in _values(_kind(row)):
            self._with[value].discard(number)

    def search(self, search: Search, offset: int, limit: int) -> Page[str]:
        """As `Store.search`, ids only."""
        if search.by_name:
            return self._in_order_of_names(search, offset, limit)
        lists = list(self._lists_of(search))
        if search.words:
            return self._with_words(search, lists, offset, limit)
        page = _newest_first(lists, offset, limit)
        return Page([document_id for _, document_id, _ in page], offset, sum(map(len, lists)))

    def _in_order_of_names(self, search: Search, offset: int, limit: int) -> Page[str]:
        """As `Store.search`, by name: of one LCSA the part of each list that is its own."""
        parts = []
        for (process, status), entries in self._by_name.items():
            if search.process in (None, process) and (not search.statuses or status in search.statuses):
                first, end = 0, len(entries)
                if search.lcsa is not None:
                    first = bisect_left(entries, (search.lcsa,))
                    end = bisect_right(entries, search.lcsa, key=itemgetter(0))
                parts.append((entries, first, end))
        # No page lies further down in one list than in all of them together.
        heads = (entries[first : min(end, first + offset + limit)] for entries, first, end in parts)
        page = list(islice(merge(*heads), offset, offset + limit))
        return Page([document_id for _, _, document_id in page], offset, sum(end - first for _, first, end in parts))

    def count_by_lcsa(self, search: Search) -> dict[str, int]:
        """As `Store.count_by_lcsa`."""
        counts = {}
        for lcsa in [name for kind, name in self._with if kind == "lcsa" and search.lcsa in (None, name)]:
            if number := self.search(replace(search, lcsa=lcsa, by_name=False), 0, 0).total:
                counts[lcsa] = number
        return counts

    def count_by_status(self, search: Search) -> dict[str, int]:
        """As `Store.count_by_status`."""
        statuses = sorted({status for name, status in self._with if name == "status"})
        counts = {}
        for status in search.statuses or statuses:
            narrowed = Search(search.process, search.scopes, (status,), search.lcsa, search.words)
            if number := self.search(narrowed, 0, 0).total:
                counts[status] = number
        return counts

    def _lists_of(self, search: Search) -> Iterator[Sequence[Entry]]:
        """Lists that together hold what matches but for the words, each document in one of them."""
        processes = [name for kind, name in self._with if kind == "process" and search.process in (None, name)]
        for lcsa, organization in self._regions(search):
            if organization is None:
                for process in processes:
                    for status in dict.fromkeys(search.statuses) or (None,):
                        yield self._lists.get((process, lcsa, status), [])
            else:
                assert lcsa is not None
                of_organization = self._of_organization.get((lcsa, organization), [])
                yield [entry for entry in of_organization if self._matches(search, entry)]

    def _matches(self, search: Search, entry: Entry) -> bool:
        kept = self._entries[entry[2]]
        assert kept is not None
        bucket = kept[0].bucket
        return search.process in (None, bucket.process) and (not search.statuses or bucket.status in search.statuses)

    def _regions(self, search: Search) -> list[Region]:
        """What the scopes and the LCSA come to, none of them within another."""
        asked: set[Region] = {(None, None)}
        if search.scopes is not None:
            asked = {(scope.lcsa, scope.organization) for scope in search.scopes}
        for name in [organization for lcsa, organization in asked if lcsa is None and organization is not None]:
            asked |= {(lcsa, organization) for lcsa, organization in self._of_organization if organization == name}
            asked.remove((None, name))
        if search.lcsa is not None:
            asked = {(search.lcsa, organization) for lcsa, organization in asked if lcsa in (None, search.lcsa)}
        if (None, None) in asked:
            return [(None, None)]
        return [one for one in asked if one[1] is None or (one[0], None) not in asked]

    def with_words(self, search: Search) -> "WithWords":
        """The documents that match; their rows when they are few."""
        found = self._bits(search)
        if found.bit_count() > _FEW:
            return WithWords(None, found.to_bytes(len(self._entries) // 8 + 1, "little"), self._numbers)
        return WithWords([kept[0] for number in numbers_of(found) if (kept := self._entries[number])], b"", {})

    def _with_words(self, search: Search, lists: Sequence[Sequence[Entry]], offset: int, limit: int) -> Page[str]:
        found = self._bits(search)
        total = found.bit_count()
        if total <= _FEW:
            entries = sorted((kept[1] for number in numbers_of(found) if (kept := self._entries[number])), reverse=True)
            return Page([document_id for _, document_id, _ in entries[offset : offset + limit]], offset, total)
        flags = found.to_bytes(len(self._entries) // 8 + 1, "little")
        # From whichever end is nearer.
        backwards = offset + limit > total // 2
        way: Iterator[Entry]
        if len(lists) == 1:
            way = iter(lists[0]) if backwards else reversed(lists[0])
        else:
            way = merge(*lists) if backwards else merge(*map(reversed, lists), reverse=True)
        first = max(0, total - offset - limit) if backwards else offset
        number_of_rows = max(0, min(limit, total - offset))
        met = (entry[1] for entry in way if flags[entry[2] >> 3] >> (entry[2] & 7) & 1)
        page = list(islice(met, first, first + number_of_rows))
        return Page(page[::-1] if backwards else page, offset, total)

    def _bits(self, search: Search) -> int:
        """The documents that match, as bits."""
        words = [word for word in search.words if word]
        found = self._within(search)
        for letters in {part for word in words for part in word.split()}:
            found &= self._words.with_letters(letters)
        spaced = [word.casefold() for word in words if word.split() != [word]]
        return bits_of(number for number in numbers_of(found) if self._has(number, spaced)) if spaced else found

    def _has(self, number: int, words: Sequence[str]) -> bool:
        kept = self._entries[number]
        assert kept is not None
        texts = [text.casefold() for text in (kept[0].document_id, kept[0].bucket.lcsa, kept[0].bucket.organization)]
        return all(any(word in text for text in texts) for word in words)

    def _within(self, search: Search) -> int:
        """The documents that match but for the words, as bits."""
        every = (1 << len(self._entries)) - 1
        found = 0
        for lcsa, organization in self._regions(search):
            if organization is None:
                found |= every if lcsa is None else self._bits_with("lcsa", lcsa)
            else:
                found |= bits_of(entry[2] for entry in self._of_organization.get((str(lcsa), organization), []))
        if search.process is not None:
            found &= self._bits_with("process", search.process)
        if search.statuses:
            of_status = 0
            for status in search.statuses:
                of_status |= self._bits_with("status", status)
            found &= of_status
        return found

    def _bits_with(self, name: str, value: str) -> int:
        return self._with[name, value].bits if (name, value) in self._with else 0


def _named(row: Row) -> NamedEntry:
    return row.bucket.lcsa, row.bucket.organization, row.document_id


def _kind(row: Row) -> tuple[str, str, str]:
    return row.bucket.process, row.bucket.lcsa, row.bucket.status


def _keys(kind: tuple[str, str, str]) -> tuple[tuple[str, str | None, str | None], ...]:
    """The lists in which the documents of a process, LCSA and status are."""
    process, lcsa, status = kind
    return (process, None, None), (process, None, status), (process, lcsa, None), kind


def _values(kind: tuple[str, str, str]) -> tuple[tuple[str, str], ...]:
    process, lcsa, status = kind
    return ("process", process), ("lcsa", lcsa), ("status", status)


def _newest_first(lists: Sequence[Sequence[Entry]], offset: int, limit: int) -> list[Entry]:
    """One page of all the lists together."""
    if len(lists) != 1 and offset + limit <= _SORTED_WHOLE:
        return list(islice(merge(*map(reversed, lists), reverse=True), offset, offset + limit))
    entries = lists[0] if len(lists) == 1 else sorted(chain(*lists))
    end = max(0, len(entries) - offset)
    return list(reversed(entries[max(0, end - limit) : end]))
