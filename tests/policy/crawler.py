"""A browser that follows every link and remembers every form, as a scanner of web applications does."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode, urljoin, urlsplit

from lxml import html
from werkzeug.test import TestResponse

from tests.clients import PortalClient

HX = {"HX-Request": "true"}
BEGIN = ("/", "/inbox", "/applications")
MAX_VALUES = 3
"""So many choices of one filter are followed."""

Form = tuple[str, tuple[tuple[str, str], ...]]
"""Where a form is sent, and what it says beside what is typed: neither its token nor that its answers were checked."""

Read = Callable[[str, TestResponse], None]


@dataclass
class Crawler:
    """What one browser found: addresses with the status with which each was answered, and forms."""

    client: PortalClient
    read: Read
    """Given each answer, with what was asked."""

    statuses: dict[str, int] = field(default_factory=dict)
    forms: set[Form] = field(default_factory=set)

    def crawl(self, bound: int) -> None:
        """Follows every link within the portal, the nearest first, until so many pages were asked for."""
        waiting = deque(BEGIN)
        while waiting and len(self.statuses) < bound:
            address = waiting.popleft()
            if address in self.statuses:
                continue
            answer = self.ask(address)
            self.statuses[address] = answer.status_code
            for one in (answer, self.ask(address, HX)):
                waiting.extend(self._found_in(address, one))

    def ask(self, address: str, headers: dict[str, str] | None = None) -> TestResponse:
        """The answer to this address, once it is read."""
        answer = self.client.get(address, headers=headers or {}, buffered=True)
        self.read(f"GET {address}{' as a fragment' if headers else ''}", answer)
        return answer

    def _found_in(self, address: str, answer: TestResponse) -> Iterator[str]:
        found = [answer.headers.get("Location", ""), answer.headers.get("HX-Redirect", "")]
        if "html" in answer.content_type and answer.get_data():
            tree = html.fromstring(answer.get_data(as_text=True))
            found += [str(one) for one in tree.xpath("//@href | //@hx-get | //@src")]
            for form in tree.xpath("//form"):
                found += self._addresses_of(form, address)
        for one in found:
            whole = urlsplit(urljoin(f"http://localhost{address}", one))
            if one and whole.netloc == "localhost" and not whole.path.startswith("/static/"):
                yield whole.path + (f"?{whole.query}" if whole.query else "")

    def _addresses_of(self, form: html.FormElement, address: str) -> list[str]:
        """The addresses to which a form that asks leads, a choice at a time; one that sends is remembered."""
        action = form.get("action") or address
        values = [(str(name), str(value)) for name, value in form.form_values()]
        if (form.get("method") or "get").lower() == "get":
            base = action.split("?")[0]
            choices = [
                (str(select.get("name")), str(value))
                for select in form.xpath(".//select")
                for value in select.value_options[:MAX_VALUES]
            ]
            return [base + "?" + urlencode({**dict(values), **dict([choice])}) for choice in [*choices, *values[:1]]]
        if form.get("method", "").lower() != "post":
            return []  # a dialog's own
        hidden = {str(one.get("name")) for one in form.xpath(".//input[@type='hidden']")} - {"csrf_token", "confirm"}
        kept = tuple((name, value) for name, value in values if name in hidden)
        for target in [action, *form.xpath(".//@formaction | .//@hx-post")]:
            self.forms.add((urlsplit(urljoin(f"http://localhost{address}", str(target))).path, kept))
        return []
