"""Short forms spelled out: on each page the first LCSA says what it means, for whoever does not work with it daily.

Done once on the finished page, so that no template need know which of its words comes first. A page that spells one out
itself, "local child support agency (LCSA)", is left as it is.
"""

from flask import Flask, Response

# Not IV-A and IV-E: they stand in the names of organizations, which are left as they are.
SHORT_FORMS = {
    "CCSAS": "California Child Support Automation System",
    "CFR": "Code of Federal Regulations",
    "CSE": "Child Support Enforcement system",
    "DCSS": "Department of Child Support Services",
    "DTS": "Department of Technology Services",
    "ISO": "Information Security Officer",
    "LCSA": "local child support agency",
    "MOU": "Memorandum of Understanding",
    "POP": "point of presence",
    "UAAG": "user account allocation guide",
    "USC": "United States Code",
}

WITHOUT_MARKUP = ("option", "title", "textarea", "script", "style", "text", "tspan", "desc")
"""Elements in which there is nothing but text, and those of pictures."""

UNSEEN = "usa-sr-only"
"""The class of what is only heard: the first that is seen is what is spelled out."""


def init_app(app: Flask) -> None:
    """Has every page spell out its short forms."""

    @app.after_request
    def spell_out(response: Response) -> Response:
        if response.mimetype == "text/html" and response.is_sequence:
            response.set_data(spelled_out(response.get_data(as_text=True)))
        return response


def spelled_out(page: str) -> str:
    """The page, or the part of one, with what each short form stands for where it is first seen in the main part."""
    begin = max(page.find("<main"), 0)
    for short, long in SHORT_FORMS.items():
        place = _first_seen(page, short, long, begin)
        if place >= 0:
            page = f'{page[:place]}<abbr title="{long}">{short}</abbr>{page[place + len(short) :]}'
    return page


def _first_seen(page: str, short: str, long: str, begin: int) -> int:
    """Where the short form is first seen as a word of its own; -1 where it is not, or is spelled out there."""
    place = page.find(short, begin)
    while place >= 0:
        before, after = page[place - 1 : place], page[place + len(short) : place + len(short) + 2]
        if _stands_alone(before, after) and _is_seen(page, place):
            return -1 if before == "(" and _ends_with(page[place - 60 : place - 1], long) else place
        place = page.find(short, place + 1)
    return -1


def _ends_with(before: str, long: str) -> bool:
    """Whether the words just said are those of the long form: its last will do, for "Memoranda of Understanding"."""
    return before.rstrip().lower().endswith(long.rpartition(" ")[2].lower())


def _stands_alone(before: str, after: str) -> bool:
    """Whether it is a word, or its plural, rather than a part of an address or of another word."""
    if before.isalnum() or before in ("-", "@", "/", ".", "_", "="):
        return False
    if after[:1] == "s":
        return not after[1:].isalnum()
    joined = after[:1] in ("-", "@", ".", "_") and after[1:].isalnum()
    return not after[:1].isalnum() and not joined


def _is_seen(page: str, place: int) -> bool:
    """Whether this place is text that is shown, and may have markup in it."""
    opened = page.rfind("<", 0, place)
    closed = page.find(">", opened)
    if closed > place:
        return False  # within a tag
    tag = page[opened + 1 : closed]
    return UNSEEN not in tag and tag.split(" ", 1)[0] not in WITHOUT_MARKUP
