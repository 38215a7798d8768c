"""What a page says, as somebody reads it: its sentences, and the school grade that they ask for."""

import re
from dataclasses import dataclass

from lxml import html
from pyphen import Pyphen

NOT_OURS = "blockquote|code|pre"
"""Quoted from elsewhere, or no language."""

TYPED = ("as-typed", "history__note", "summary", "receipt", "history__hash")
"""Classes of what people typed."""

NAMED = re.compile(r"“[^”]+”")
"""What is named in quotation marks, the title of a step for one, counts as one short word."""

ENDS = re.compile(r"(?<=[.!?:])\s+")
WORDS = re.compile(r"[A-Za-z]+(?:[’'-][A-Za-z]+)*")

ADDRESS = re.compile(r"\d{5}")
"""What has a number so long is an address, and no sentence."""
SHORT_FORM = re.compile(r"^[A-Z]{2,}s?$|-[A-Z]$")

SYLLABLES = Pyphen(lang="en_US", left=1, right=1)


@dataclass(frozen=True, slots=True)
class Reading:
    """How hard a text is to read: the school grade of Flesch and Kincaid."""

    sentences: int
    words: int
    syllables: int

    @property
    def grade(self) -> float:
        """Years of school (U.S.) that the text asks for."""
        return 0.39 * self.words / self.sentences + 11.8 * self.syllables / self.words - 15.59


def text_of(page: str) -> str:
    """Everything that the main part of the page says, in one line."""
    return " ".join(" ".join(main_of(page).itertext()).split())


def sentences_of(page: str) -> list[str]:
    """The whole sentences in the main part of the page: no labels, headings, cells of tables, and nothing quoted."""
    found = []
    for block in main_of(page).xpath(".//p | .//li | .//dd | .//div[contains(@class, 'hint')]"):
        if block.xpath("self::*[.//p or .//li or .//div or .//dd]") or block.xpath("ancestor::table"):
            continue
        text = NAMED.sub("that", " ".join(block.text_content().split()))
        found += [
            one
            for one in ENDS.split(text)
            if len(WORDS.findall(one)) > 3 and one[-1] in ".!?:" and not ADDRESS.search(one)
        ]
    return found


def reading_of(sentences: list[str]) -> Reading:
    """How hard these are to read. A short form counts as one syllable: it is spelled out, and known to who works with it."""
    words = [word for sentence in sentences for word in WORDS.findall(sentence)]
    return Reading(len(sentences), len(words), sum(map(syllables_of, words)))


def syllables_of(word: str) -> int:
    """How many syllables the word has, by where it may be broken; a short form counts as one."""
    return 1 if SHORT_FORM.search(word) else len(SYLLABLES.inserted(word.lower()).split("-"))


def main_of(page: str) -> html.HtmlElement:
    """The main part of the page, without what is not the portal's own words."""
    [main] = html.fromstring(page).xpath("//main")
    typed = " or ".join(f"contains(concat(' ', @class, ' '), ' {name} ')" for name in TYPED)
    for one in main.xpath(f".//script | .//style | .//svg | .//{' | .//'.join(NOT_OURS.split('|'))} | .//*[{typed}]"):
        one.drop_tree()
    return main
