"""In which documents a word occurs: for each word by which documents are found, the set of their numbers.

A set is an integer whose bit n stands for document n, so that a hundred thousand documents are weighed against each
other, and counted, in microseconds; a small set is a Python set. Reads and writes no files. Not safe for threads.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

_FEW = 256
"""Up to so many numbers are kept as a Python set: a bit for each document would take more room."""

_PIECE = 4096
"""Characters of a piece of the text that is searched; only the piece to which a word is added is joined anew."""

_PART = 3
"""Characters of the longest part of a number for which there is a set."""

_ID = re.compile(r"(.*-)?(\d*)", re.DOTALL)


class Numbers:
    """A set of numbers from 0 on."""

    __slots__ = ("_bits", "_few", "_flags")

    def __init__(self) -> None:
        self._few: set[int] = set()
        self._flags: bytearray | None = None  # a bit for each, once they are more than a few
        self._bits: int | None = None  # the same, as long as none is added or discarded

    def add(self, number: int) -> None:
        """The number is in it."""
        if self._flags is None:
            self._few.add(number)
            if len(self._few) > _FEW:
                self._flags = _flags_of(self._few)
                self._few.clear()
            return
        place = number >> 3
        if place >= len(self._flags):
            self._flags.extend(bytes(place + 1 - len(self._flags)))
        self._flags[place] |= 1 << (number & 7)
        self._bits = None

    def update(self, numbers: Sequence[int]) -> None:
        """These numbers are in it."""
        if self._flags is None:
            if len(self._few) + len(numbers) <= _FEW:
                self._few.update(numbers)
                return
            self._flags = _flags_of(self._few)
            self._few.clear()
        flags = self._flags
        flags.extend(bytes(max(0, max(numbers, default=-1) // 8 + 1 - len(flags))))
        for number in numbers:
            flags[number >> 3] |= 1 << (number & 7)
        self._bits = None

    def discard(self, number: int) -> None:
        """The number is not in it."""
        self._few.discard(number)
        if self._flags is not None and number >> 3 < len(self._flags):
            self._flags[number >> 3] &= ~(1 << (number & 7))
            self._bits = None

    @property
    def few(self) -> Set[int] | None:
        """The numbers, when they are kept as a Python set; else None."""
        return self._few if self._flags is None else None

    @property
    def bits(self) -> int:
        """All of them, each as a bit."""
        if self._flags is None:
            return bits_of(self._few)
        if self._bits is None:
            self._bits = int.from_bytes(self._flags, "little")
        return self._bits


def bits_of(numbers: Iterable[int]) -> int:
    """The numbers, each as a bit."""
    return int.from_bytes(_flags_of(tuple(numbers)), "little")


def _flags_of(numbers: Set[int] | tuple[int, ...]) -> bytearray:
    flags = bytearray(max(numbers, default=-1) // 8 + 1)
    for number in numbers:
        flags[number >> 3] |= 1 << (number & 7)
    return flags


def united(sets: Iterable[Numbers]) -> int:
    """What is in any of them, each as a bit. Small ones are put together first: of those there may be thousands."""
    bits, few = 0, set[int]()
    for one in sets:
        if one.few is None:
            bits |= one.bits
        else:
            few |= one.few
    return bits | bits_of(few) if few else bits


def numbers_of(bits: int) -> Iterator[int]:
    """Which bits are set."""
    written = bin(bits)[:1:-1]
    number = written.find("1")
    while number >= 0:
        yield number
        number = written.find("1", number + 1)


class _Vocabulary:
    """Words, and those of them in which some letters occur. None is ever taken out."""

    def __init__(self) -> None:
        self._pieces: list[list[str]] = [[]]
        self._texts: list[str] = [""]
        self._size = 0

    def add(self, word: str) -> None:
        """The word is one of them; it was not."""
        if self._size > _PIECE:
            self._pieces.append([])
            self._texts.append("")
            self._size = 0
        self._pieces[-1].append(word)
        self._texts[-1] = ""
        self._size += len(word) + 1

    def with_letters(self, letters: str) -> Iterator[str]:
        """Those in which the letters occur one after the other."""
        for place, text in enumerate(self._texts):
            if not text:
                text = self._texts[place] = "\n".join(["", *self._pieces[place], ""])
            at = text.find(letters)
            while at >= 0:
                end = text.index("\n", at)
                yield text[text.rindex("\n", 0, at) + 1 : end]
                at = text.find(letters, end)


class _Parts:
    """Short texts of digits, one for each document, all of which differ: found by the parts of which they consist.

    Among words of letters those in which some letters occur are few, and looked for. But there are as many numbers as
    documents, and a digit or two stand in very many of them: for each part of up to `_PART` characters there is a set.
    """

    def __init__(self) -> None:
        self._texts: dict[int, str] = {}
        self._with: defaultdict[str, Numbers] = defaultdict(Numbers)
        self._all = Numbers()

    def fill(self, texts: Mapping[int, str]) -> None:
        """As `put`, for many at once."""
        # Each part is the end of some beginning of the text, and many begin alike.
        beginnings: defaultdict[str, list[int]] = defaultdict(list)
        for number, text in texts.items():
            beginnings[text].append(number)
        added: defaultdict[str, list[int]] = defaultdict(list)
        while beginnings:
            shorter: defaultdict[str, list[int]] = defaultdict(list)
            for beginning, numbers in beginnings.items():
                for size in range(1, min(_PART, len(beginning)) + 1):
                    added[beginning[-size:]] += numbers
                if len(beginning) > 1:
                    shorter[beginning[:-1]] += numbers
            beginnings = shorter
        for part, numbers in added.items():
            self._with[part].update(numbers)
        self._texts.update(texts)
        self._all.update(list(texts))

    def put(self, number: int, text: str) -> None:
        """The document of this number has this text; it had none."""
        self._texts[number] = text
        self._all.add(number)
        for part in _parts_of(text):
            self._with[part].add(number)

    def drop(self, number: int) -> None:
        """The document has no text any more."""
        self._all.discard(number)
        for part in _parts_of(self._texts.pop(number)):
            self._with[part].discard(number)

    def every(self) -> int:
        """All that have a text, as bits."""
        return self._all.bits

    def with_letters(self, letters: str) -> int:
        """Those in whose text the letters occur one after the other, as bits."""
        if len(letters) <= _PART:
            return self._with[letters].bits if letters in self._with else 0
        found = -1
        for place in range(len(letters) - _PART + 1):
            part = letters[place : place + _PART]
            if part not in self._with:
                return 0
            found &= self._with[part].bits
        return bits_of(number for number in numbers_of(found) if letters in self._texts[number])


def _parts_of(text: str) -> set[str]:
    return {text[place : place + size] for size in range(1, _PART + 1) for place in range(len(text) - size + 1)}


class _Ids:
    """Ids that begin alike, as all of one year do; what differs is a number, mostly."""

    def __init__(self, head: str) -> None:
        self._head = head
        self._tails = _Parts()  # each with the last character of the head before it, for `-0007`

    def fill(self, document_ids: Mapping[int, str]) -> None:
        self._tails.fill({number: self._tail(document_id) for number, document_id in document_ids.items()})

    def put(self, number: int, document_id: str) -> None:
        self._tails.put(number, self._tail(document_id))

    def _tail(self, document_id: str) -> str:
        return document_id[max(0, len(self._head) - 1) :]

    def drop(self, number: int) -> None:
        self._tails.drop(number)

    def with_letters(self, letters: str) -> int:
        if letters in self._head:
            return self._tails.every()
        before, dash, after = letters.rpartition("-") if self._head else ("", "", letters)
        return self._tails.with_letters(dash + after) if self._head.endswith(before + dash) else 0


class DocumentWords:
    """The words by which documents are found: those of LCSA and organization, and the id."""

    def __init__(self) -> None:
        self._words: dict[str, Numbers] = {}
        self._vocabulary = _Vocabulary()
        self._numerals = _Parts()  # of each document the words of digits alone, a space between them
        self._ids: dict[str, _Ids] = {}

    def fill(self, documents: Iterable[tuple[int, str, str, str]]) -> None:
        """As `put`, for many at once."""
        added: defaultdict[str, list[int]] = defaultdict(list)
        numerals: dict[int, str] = {}
        ids: defaultdict[str, dict[int, str]] = defaultdict(dict)
        for number, lcsa, organization, document_id in documents:
            words, numeral = _words_of(lcsa, organization)
            for word in words:
                added[word].append(number)
            if numeral:
                numerals[number] = numeral
            folded = document_id.casefold()
            ids[_head(folded)][number] = folded
        for word, numbers in added.items():
            self._numbers_with(word).update(numbers)
        self._numerals.fill(numerals)
        for head, folded_ids in ids.items():
            self._ids_like(head).fill(folded_ids)

    def put(self, number: int, lcsa: str, organization: str, document_id: str) -> None:
        """The document of this number has these texts and this id."""
        words, numerals = _words_of(lcsa, organization)
        for word in words:
            self._numbers_with(word).add(number)
        if numerals:
            self._numerals.put(number, numerals)
        folded = document_id.casefold()
        self._ids_like(_head(folded)).put(number, folded)

    def _numbers_with(self, word: str) -> Numbers:
        if word not in self._words:
            self._words[word] = Numbers()
            self._vocabulary.add(word)
        return self._words[word]

    def drop(self, number: int, lcsa: str, organization: str, document_id: str) -> None:
        """The document is no more, or is to be put with other texts."""
        words, numerals = _words_of(lcsa, organization)
        for word in words:
            self._words[word].discard(number)
        if numerals:
            self._numerals.drop(number)
        self._ids_like(_head(document_id.casefold())).drop(number)

    def _ids_like(self, head: str) -> _Ids:
        if head not in self._ids:
            self._ids[head] = _Ids(head)
        return self._ids[head]

    def with_letters(self, letters: str) -> int:
        """The documents, as bits, in whose id, LCSA or organization these letters occur, in any case, without a space
        between them.
        """
        folded = letters.casefold()
        bits = united(self._words[word] for word in self._vocabulary.with_letters(folded))
        bits |= self._numerals.with_letters(folded)
        for ids in self._ids.values():
            bits |= ids.with_letters(folded)
        return bits


def _head(document_id: str) -> str:
    """How the ids of its year begin: `tpa-2026-`."""
    numbered = _ID.fullmatch(document_id)
    return (numbered[1] if numbered else None) or ""


def _words_of(lcsa: str, organization: str) -> tuple[set[str], str]:
    """The words, but for those of digits alone; and these, a space between them."""
    words = set(f"{lcsa} {organization}".casefold().split())
    numerals = list(filter(str.isdecimal, words))
    return words.difference(numerals), " ".join(sorted(numerals))
