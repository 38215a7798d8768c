"""The words of every page: plain, with each short form spelled out, and no harder to read than ten years of school.

The government's plain language asks for about grade 8, GOV.UK for a reading age of 9. Over all pages the portal's own
sentences keep to the first; a single page may have more of the law's and the process's long words.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from portal.short_forms import SHORT_FORMS, spelled_out
from tests.portal_at_work import EveryPage
from tests.web.reading import main_of, reading_of, sentences_of, text_of
from tools.every_page import Shown, like_no_other

GRADE, GRADE_OF_A_PAGE = 8.0, 10.0
"""Years of school (Flesch and Kincaid): of all sentences together, and of those of one page."""

ENOUGH = 5
"""Sentences of a page from which on they are judged by themselves: fewer say little."""

JARGON = dict(
    line.split(": ", 1)
    for line in (Path(__file__).parent / "jargon.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
)

ITS_OWN_NAME = {
    "CA": "the state, in an address",
    "CDL": "a kind of the CSE's cases, in what Legal is asked",
    "CSS": "the kind of letter that DCSS sends: it is its name",
    "CSV": "a kind of file",
    "DA": "as the guide of 2008 prints a user organization",
    "ID": "known to everybody",
    "II": "a job's title",
    "IRS": "as the guide of 2008 prints a user organization",
    "IV-A": "in the names of organizations; where a kind is chosen: Welfare department (IV-A)",
    "IV-D": "as the guide of 2008 prints it",
    "IV-E": "in the names of organizations; where a kind is chosen: Foster care department (IV-E)",
    "JPEG": "a kind of file",
    "JSON": "a kind of file",
    "MB": "known to everybody",
    "PDF": "a kind of file",
    "PNG": "a kind of file",
    "SHA": "the name of a checksum",
    "TM": "as the guide of 2008 prints a user organization",
    "TPA": "the beginning of an application's number",
    "XLSX": "a kind of file",
}
"""Words in capitals that are not spelled out, with the reason."""

CAPITALS = re.compile(r"(?<![\w@./-])(?:[A-Z]{2,}|IV-[A-E])(?![\w@]|-\w|\.\w)")


@pytest.fixture(scope="session")
def pages(every_page: EveryPage, every_empty_page: EveryPage) -> list[Shown]:
    """Every page that is like no other, filled and empty."""
    return [
        page
        for portal in (every_page, every_empty_page)
        for of_role in like_no_other(portal.found).values()
        for page in of_role
    ]


def test_no_page_uses_jargon(pages: list[Shown]) -> None:
    words = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, JARGON))})(?!\w)", re.IGNORECASE)
    found = {
        f"{page.name}: “{word}”: {JARGON[word]}"
        for page in pages
        for word in map(str.lower, words.findall(text_of(page.html)))
    }
    assert not found, in_lines(found)


def test_every_short_form_is_spelled_out_where_it_is_first_seen(pages: list[Shown]) -> None:
    wrong = {f"{page.name}: {wrong}" for page in pages for wrong in not_spelled_out(page.html)}
    assert not wrong, in_lines(wrong)


def not_spelled_out(page: str) -> Iterator[str]:
    """The short forms that this page does not spell out where they are first seen, and capitals that nobody explains."""
    main = main_of(page)
    for unseen in main.xpath(".//*[contains(@class, 'usa-sr-only')] | .//option | .//textarea"):
        unseen.drop_tree()
    text = " ".join(main.text_content().split())
    explained = {str(one.text) for one in main.xpath(".//abbr[@title]")}
    for short in sorted({*CAPITALS.findall(text)} - {*ITS_OWN_NAME}):
        if short not in SHORT_FORMS:
            yield f"{short} is no short form that portal/short_forms.py knows"
        elif short not in explained and f"{SHORT_FORMS[short].rpartition(' ')[2]} ({short}".lower() not in text.lower():
            yield f"{short} is not spelled out"


def test_no_page_is_harder_to_read_than_ten_years_of_school(pages: list[Shown]) -> None:
    hard = {
        f"{page.name}: {reading_of(sentences).grade:.1f}"
        for page in pages
        if len(sentences := said_by(page.html)) >= ENOUGH and reading_of(sentences).grade > GRADE_OF_A_PAGE
    }
    assert not hard, in_lines(hard)


def test_the_pages_together_are_as_easy_as_plain_language_asks(pages: list[Shown]) -> None:
    every = sorted({sentence for page in pages for sentence in said_by(page.html)})
    assert len(every) > 300
    assert reading_of(every).grade <= GRADE


def in_lines(found: set[str]) -> str:
    return "\n".join(["", *sorted(found)])


@cache
def said_by(page: str) -> list[str]:
    return sentences_of(page)


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("<main><p>An LCSA and an LCSA.</p>", "<main><p>An {LCSA} and an LCSA.</p>"),
        ("<main><p>Two MOUs.</p>", "<main><p>Two {MOU}s.</p>"),
        ("<header>MOU</header><main><p>An MOU.</p>", "<header>MOU</header><main><p>An {MOU}.</p>"),
        ("<main><p>The agency (LCSA). An LCSA.</p>", "<main><p>The agency (LCSA). An LCSA.</p>"),
        ("<main><p>Memoranda of Understanding (MOUs)", "<main><p>Memoranda of Understanding (MOUs)"),
        ("<main><p>County (LCSA)", "<main><p>County ({LCSA})"),
        ("<main><p>The Administrator (LCSA Kern)", "<main><p>The Administrator ({LCSA} Kern)"),
        ('<main><a href="/MOU" title="an MOU">the MOU</a>', '<main><a href="/MOU" title="an MOU">the {MOU}</a>'),
        ("<main><option>MOU</option><p>MOU", "<main><option>MOU</option><p>{MOU}"),
        ('<main><span class="usa-sr-only">MOU</span> MOU', '<main><span class="usa-sr-only">MOU</span> {MOU}'),
        ("<main><p>KERN-MOU-1, MOU-2, MOUNT, a.MOU@b.c", "<main><p>KERN-MOU-1, MOU-2, MOUNT, a.MOU@b.c"),
        ("<main><p>Kern IV-A", "<main><p>Kern IV-A"),
        ("<p>A part of a page: MOU.", "<p>A part of a page: {MOU}."),
    ],
)
def test_a_short_form_is_spelled_out_where_it_is_first_seen_and_nowhere_else(page: str, shown: str) -> None:
    marked = re.sub(r"\{([\w-]+)\}", lambda one: f'<abbr title="{SHORT_FORMS[one[1]]}">{one[1]}</abbr>', shown)
    assert spelled_out(page) == marked
