"""A browser without a screen: it keeps cookies, reads forms as they are drawn, and sends them as a person would."""

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from werkzeug.test import TestResponse

from portal.demo import PASSWORD


class Page:
    """An answer, read as HTML."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.text = response.get_data(as_text=True)
        self.tree = html.fromstring(self.text) if "html" in response.content_type and self.text else None

    def words(self, path: str) -> str:
        """The text of what is at this XPath, in one line."""
        assert self.tree is not None, self.text[:200]
        return " ".join(" ".join(found.text_content().split()) for found in self.tree.xpath(path))

    @property
    def h1(self) -> str:
        """The page's heading."""
        return self.words("//h1")

    @property
    def title(self) -> str:
        """The page's title."""
        return self.words("//title")

    @property
    def problems(self) -> dict[str, str]:
        """What the error summary says, by the id that each line leads to ("" where it leads nowhere)."""
        assert self.tree is not None
        found: dict[str, str] = {}
        for line in self.tree.xpath("//*[@role='alert']//li"):
            links = line.xpath(".//a/@href")
            found[links[0].lstrip("#") if links else ""] = " ".join(line.text_content().split())
        return found

    def links(self, path: str = "//main") -> list[str]:
        """The addresses of the links within what is at this XPath."""
        assert self.tree is not None
        return [str(link) for link in self.tree.xpath(f"{path}//a/@href")]

    def fields(self) -> dict[str, Any]:
        """What the page's main form would send if its button were pressed now: names with values, lists where
        several.
        """
        assert self.tree is not None
        form = next(form for form in self.tree.xpath("//main//form") if form.get("method") == "post")
        sent: dict[str, Any] = {}
        for name, value in form.form_values():
            if name in sent:
                before = sent[name] if isinstance(sent[name], list) else [sent[name]]
                value = [*before, value]
            sent[name] = value
        return sent


class PortalClient(FlaskClient):
    """A signed-in browser. `page` gets, `send` posts what a page's form holds with some answers changed."""

    def __init__(self, application: Flask, **kwargs: Any) -> None:
        super().__init__(application, **kwargs)
        self.pages = 0
        self.clicks = 0

    def page(self, address: str, status: int = 200) -> Page:
        """The page at this address, which must answer with this status."""
        page = Page(self.get(address))
        self.pages += 1
        assert page.status == status, f"{address}: {page.status}, not {status}: {page.text[:600]}"
        _is_sound(page)
        return page

    def send(self, address: str, answers: dict[str, Any], status: int = 303, **kwargs: Any) -> Page:
        """Sends the form at this address with these answers, as if they were typed into it."""
        drawn = self.page(address).fields()
        return self.post_form(address, {**drawn, **typed(answers)}, status, **kwargs)

    def post_form(self, address: str, sent: dict[str, Any], status: int, **kwargs: Any) -> Page:
        """Posts exactly this; a form's token is needed among it."""
        self.clicks += 1
        page = Page(self.post(address, data=sent, content_type="multipart/form-data", **kwargs))
        said = page.problems if page.tree is not None else ""
        assert page.status == status, f"{address}: {page.status}, not {status}: {said or page.text[:600]}"
        if page.tree is not None and page.status != 303:
            _is_sound(page)
        return page

    def take(self, document_id: str, step: str, answers: dict[str, Any], status: int = 303) -> Page:
        """Takes a step, the page on which answers are checked included."""
        address = f"/applications/{document_id}/steps/{step}" if document_id else "/applications/new"
        return self.send(address, {**answers, "confirm": "yes"}, status)


def typed(answers: dict[str, Any]) -> dict[str, Any]:
    """Answers as a browser sends them: `users` as `users-0-name`, ticks as `yes`, numbers as text."""
    sent: dict[str, Any] = {}
    for name, value in answers.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for place, row in enumerate(value):
                sent.update({f"{name}-{place}-{key}": one for key, one in typed(row).items()})
        elif isinstance(value, bool):
            sent |= {name: "yes"} if value else {}
        else:
            sent[name] = str(value) if isinstance(value, int) else value
    return sent


def sign_in(client: PortalClient, email: str, password: str = PASSWORD) -> Page:
    """Signs in."""
    return client.send("/sign-in", {"email": email, "password": password})


def document_id_of(page: Page) -> str:
    """The id of the application to which the answer leads."""
    found = re.search(r"/applications/(TPA-\d+-\d+)", page.response.headers["Location"])
    assert found, page.response.headers["Location"]
    return found[1]


def _is_sound(page: Page) -> None:
    """What holds of every page: one h1, a title, our policy, a label for each field, no id twice, nothing inline."""
    if page.tree is None or "<html" not in page.text:
        return
    tree = page.tree
    assert len(tree.xpath("//h1")) == 1, f"{len(tree.xpath('//h1'))} h1"
    assert page.title.strip(), "no title"
    assert "default-src 'none'" in page.response.headers["Content-Security-Policy"]
    ids = [str(one) for one in tree.xpath("//@id")]
    assert len(ids) == len(set(ids)), f"twice on the page: {sorted(one for one in set(ids) if ids.count(one) > 1)}"
    labelled = {str(one) for one in tree.xpath("//label/@for")}
    for control in tree.xpath("//input[not(@type='hidden')] | //select | //textarea[not(@hidden)]"):
        assert control.get("id") in labelled or control.get("aria-label"), f"no label: {control.get('name')}"
    assert not tree.xpath("//@style"), "an inline style"
