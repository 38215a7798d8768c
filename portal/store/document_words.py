"""In which documents a word occurs: for each word by which documents are found, the set of their numbers.

A set is an integer whose bit n stands for document n, so that a hundred thousand documents are weighed against each
other, and counted, in microseconds; a small set is a Python set. Reads and writes no files. Not safe for threads.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

_FEW = 256
"""Up to so many numbers are kept as a Python set: a bit for each document would take more room."""

_PIECE = 4096
"""Characters of a piece of the text that is searched; only the piece to which a word is added is joined anew."""

_ID = re.compile(r"(.*-)?(\d*)", re.DOTALL)


class Numbers:
    """A set of numbers from 0 on."""

    __slots__ = ("_bits", "_few")

    def __init__(self) -> None:
        self._few: set[int] = set()
        self._bits = 0

    def add(self, number: int) -> None:
        """The number is in it."""
        if self._bits:
            self._bits |= 1 << number
            return
        self._few.add(number)
        if len(self._few) > _FEW:
            self._bits, self._few = bits_of(self._few), set()

    def discard(self, number: int) -> None:
        """The number is not in it."""
        self._few.discard(number)
        self._bits &= ~(1 << number)

    @property
    def bits(self) -> int:
        """All of them, each as a bit."""
        return self._bits or bits_of(self._few)


def bits_of(numbers: Iterable[int]) -> int:
    """The numbers, each as a bit."""
    all_of_them = tuple(numbers)
    flags = bytearray(max(all_of_them, default=-1) // 8 + 1)
    for number in all_of_them:
        flags[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(flags, "little")


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


class _Ids:
    """Ids that begin alike, as all of one year do."""

    def __init__(self, head: str) -> None:
        self._head = head
        self._numbers: dict[str, int] = {}
        self._texts = _Vocabulary()
        self._all = Numbers()
        self._characters = set(head)
        # One digit or two stand in very many ids: these are counted beforehand.
        self._digits: defaultdict[str, Numbers] = defaultdict(Numbers)

    def put(self, number: int, document_id: str) -> None:
        if document_id not in self._numbers:
            self._texts.add(document_id)
            self._characters.update(document_id)
        self._numbers[document_id] = number
        self._all.add(number)
        for digits in self._short(document_id):
            self._digits[digits].add(number)

    def drop(self, number: int, document_id: str) -> None:
        self._numbers[document_id] = -1
        self._all.discard(number)
        for digits in self._short(document_id):
            self._digits[digits].discard(number)

    def _short(self, document_id: str) -> set[str]:
        tail = document_id[len(self._head) :]
        return {*tail, *(tail[place : place + 2] for place in range(len(tail) - 1))}

    def with_letters(self, letters: str) -> int:
        if letters in self._head:
            return self._all.bits
        if len(letters) <= 2 and letters[0] != self._head[-1:]:
            return self._digits[letters].bits if letters in self._digits else 0
        if not self._characters.issuperset(letters):
            return 0
        found = (self._numbers[one] for one in self._texts.with_letters(letters))
        return bits_of(number for number in found if number >= 0)


class DocumentWords:
    """The words by which documents are found: those of LCSA and organization, and the id."""

    def __init__(self) -> None:
        self._words: dict[str, Numbers] = {}
        self._vocabulary = _Vocabulary()
        self._ids: dict[str, _Ids] = {}

    def put(self, number: int, document_id: str, *texts: str) -> None:
        """The document of this number has this id and these texts."""
        for word in _words_of(texts):
            if word not in self._words:
                self._words[word] = Numbers()
                self._vocabulary.add(word)
            self._words[word].add(number)
        self._ids_like(document_id).put(number, document_id.casefold())

    def drop(self, number: int, document_id: str, *texts: str) -> None:
        """The document is no more, or is to be put with other texts."""
        for word in _words_of(texts):
            self._words[word].discard(number)
        self._ids_like(document_id).drop(number, document_id.casefold())

    def _ids_like(self, document_id: str) -> _Ids:
        folded = document_id.casefold()
        numbered = _ID.fullmatch(folded)
        head = (numbered[1] if numbered else None) or ""
        if head not in self._ids:
            self._ids[head] = _Ids(head)
        return self._ids[head]

    def with_letters(self, letters: str) -> int:
        """The documents, as bits, in whose id, LCSA or organization these letters occur, in any case, without a space
        between them.
        """
        folded = letters.casefold()
        bits = 0
        for word in self._vocabulary.with_letters(folded):
            bits |= self._words[word].bits
        for ids in self._ids.values():
            bits |= ids.with_letters(folded)
        return bits


def _words_of(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in text.casefold().split()}
