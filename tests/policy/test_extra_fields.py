"""What a form does not ask changes nothing, whatever is sent: fields of other steps, of the document, of a person's record."""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from lxml import html
from werkzeug.datastructures import MultiDict

from portal.people.person import Person
from portal.process.document import Json
from portal.process.goals import california_date
from portal.process.step import Field, Process
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from tests.clients import document_id_of, typed
from tests.conftest import House
from tests.journey import BESIDE_THE_WAY, WAY, answers_to, leaves_a_finding_open
from tests.policy.every_route import ROLES, ways
from tests.web.asking import at_step

pytestmark = pytest.mark.process("O8.2")

MakeHouse = Callable[..., House]

OF_A_DOCUMENT = (
    "id", "process", "schema", "revision", "status", "lcsa", "organization", "history", "open_tasks", "claims", "holdings",
    "notices", "letters", "seq", "step", "role", "actor", "actor_name", "at", "on_behalf_of", "previous", "hash", "answers",
    "mou_sha256", "earliest_invitation", "upgrades",
)  # fmt: skip
OF_A_PERSON = (*(field.name for field in fields(Person)), "is_active", "scope", "grants-0-role")
BUTTONS = {
    "add",
    "remove",
    "save",
    "change",
    "confirm",
    "version",
    "csrf_token",
    "note",
    "request_id",
    "draft_revision",
    "part",
    "go_on",
    "shown_part",
}


def named(declared: tuple[Field, ...], prefix: str = "") -> Iterator[str]:
    """The names that these fields have on a page, a first row of lists with them."""
    for field in declared:
        yield prefix + field.name
        yield from named(field.fields, f"{prefix}{field.name}-0-")


def everything(process: Process) -> set[str]:
    """Every name that means something anywhere, and some that mean nothing."""
    steps = {name for step in process.steps for name in named(step.fields)}
    rows = {"users-0-role", "accounts-0-granted", "users-1000-name", "x", "__class__", "step.role", "data"}
    return (steps | rows | {*OF_A_DOCUMENT, *OF_A_PERSON}) - BUTTONS


def extras(process: Process, asked: set[str], only: set[str]) -> dict[str, str]:
    """Values for everything that the form does not ask; and for what it asks only in another case."""
    lists = {name.partition("-")[0] for name in asked if re.search(r"-\d+-", name)}
    ours = {name for name in everything(process) if name.partition("-")[0] in lists and name.split("-")[-1] != "role"}
    return dict.fromkeys((everything(process) - asked - ours) | only, "process-owner")


# Steps.


def taken(house: House, document_id: str, key: str, answers: Json, with_extras: bool) -> Json:
    """The document after this step was taken through its page."""
    step = house.process.step(key)
    client = house.client(step.role)
    address = f"/applications/{document_id}/steps/{key}" if document_id else "/applications/new"
    sent = {**client.page(address).fields(), **typed(answers), "confirm": "yes"}
    if with_extras:
        only = {field.name for field in step.fields if field.only_when and not field.only_when.holds(answers)}
        asked = set(named(tuple(field for field in step.fields if not field.on_behalf_only)))
        sent |= extras(house.process, set(sent) | asked, only)
    page = client.post_form(address, sent, 303)
    return house.get(document_id or document_id_of(page))


def every_step_taken(make_house: MakeHouse, name: str, with_extras: bool) -> list[Json]:
    """The documents after every step was taken through its page. An organization's open findings hold up others of its
    applications: each step about one has a portal of its own.
    """
    house = make_house(name=name)
    begun = house.clock.now
    document: Json = {"id": ""}
    for key in WAY:
        usual = answers_to(key, california_date(house.clock.now))
        document = taken(house, document["id"], key, usual, with_extras)
    documents = [document]
    for key in BESIDE_THE_WAY:
        here = make_house(name=f"{name}-{key}") if leaves_a_finding_open(key) else house
        opened = here.where_open(key)
        usual = answers_to(key, california_date(here.clock.now))
        documents.append(taken(here, opened["id"], key, usual, with_extras))
    house.clock.now = begun  # all portals have the same one
    return documents


@pytest.mark.requirement("ASVS 15.3.3", "NIST SI-10")
def test_what_a_step_does_not_ask_is_not_recorded(make_house: MakeHouse) -> None:
    as_asked = every_step_taken(make_house, "plain", with_extras=False)
    with_more = every_step_taken(make_house, "more", with_extras=True)
    assert {entry["step"] for document in as_asked for entry in document["history"]} == {
        step.key for step in THIRD_PARTY_ACCESS.steps
    }
    for one, other in zip(as_asked, with_more, strict=True):
        for entry, same in zip(one["history"], other["history"], strict=True):
            assert same == entry, entry["step"]
        assert other == one


@pytest.mark.requirement("ASVS 15.3.3", "NIST SI-10")
def test_a_draft_keeps_what_the_form_asks_and_no_more(house: House) -> None:
    document = house.application_before("legal-opinion")
    client = house.client("legal")
    sent = {**client.page(at_step(document, "legal-opinion")).fields(), "opinion_text": "So far."}
    sent |= extras(house.process, set(sent) | {"opinion", "authorities", "delay_reason"}, set())
    assert client.post(f"{at_step(document, 'legal-opinion')}/draft", data=sent).status_code == 204
    [(_, draft)] = [(key, record) for key, record in house.portal.store.records("drafts") if record.get("answers")]
    assert set(draft["answers"]) <= {field.name for field in house.process.step("legal-opinion").fields}


# All the other forms.

NOT_FILLED = {
    "sign_in.check_password": "whoever signs in is not signed in yet",
    "sign_in.check_code": "there is no second factor in the demo",
    "sign_in.sign_out": "asks nothing",
    "account.end_sessions": "asks nothing",
    "account.stay": "asks nothing",
    "forgotten.ask": "asks whoever is not signed in",
    "invitation.accept": "needs a link that was mailed",
    "second_factor.enrol": "there is no second factor in the demo",
    "steps.begin": "is among the steps above",
    "steps.take": "is among the steps above",
    "steps.draft": "is among the steps above",
    "importing.send": "takes a sheet",
    "importing.begin": "is there only once a sheet was sent",
    "importing.go_on": "is there only once an import was begun",
    "access_log.look_at_unusual_use": "is there only once something unusual was done",
    "mou_versions.name": "is there only once an MOU was sent",
    "mou_versions.begin": "is there only while an agreement is on an older text",
    "mou_versions.end": "is there only while a campaign runs",
    "surveys.go_on": "is there only while a round is not sent to all",
    "account.change_password": "would sign out whoever fills in the others",
}
"""Where something is posted that this does not fill in, and why. Their forms are held to their fields by the code's rule
below.
"""

FILLED = {
    "email": "new.person@kern.example", "name": "New Person", "title": "Analyst", "phone": "(661) 555-0199", "role": "legal",
    "lcsa": "Kern", "organization": "Kern IV-A", "converted_on": "2026-01-05", "note": "Looked through.", "signature": "New Person",
}  # fmt: skip


@dataclass(frozen=True)
class Drawn:
    """A form as some role gets it: where it goes, and what it would send."""

    role: str
    action: str
    endpoint: str
    sent: tuple[tuple[str, str], ...]


def forms_of(house: House, role: str) -> list[Drawn]:
    """Every form that posts on the pages that this role can reach, by links too; of each kind of page the first."""
    client = house.client(role)
    waiting = [
        way.address for way in ways(house, "TPA-2026-0001", "0" * 64) if way.method == "GET" and not way.document_id
    ]
    seen: set[tuple[str, int]] = set()
    found: dict[tuple[str, tuple[str, ...]], Drawn] = {}
    urls = house.app.url_map.bind("localhost")
    while waiting:
        address = waiting.pop(0)
        path = urlsplit(address).path
        if not path.startswith("/") or not urls.test(path, "GET"):
            continue
        endpoint, values = urls.match(path, "GET")
        kind = (endpoint, len(values) and sum(one[0] == endpoint for one in seen))
        if endpoint in ("static", "steps.step") or kind[1] > 2 or (kind in seen and not values):
            continue
        answer = client.get(address, buffered=True)
        if answer.status_code != 200 or "html" not in answer.content_type:
            continue
        seen.add(kind)
        tree = html.fromstring(answer.get_data(as_text=True))
        waiting += [str(link) for link in tree.xpath("//main//a/@href") if str(link).startswith("/")]
        for form in tree.xpath("//form[@method='post']"):
            action = form.get("action") or address
            if not urls.test(urlsplit(action).path, "POST"):
                continue
            to = urls.match(urlsplit(action).path, "POST")[0]
            values_sent = [(name, value or "") for name, value in form.form_values()]
            found.setdefault((to, tuple(name for name, _ in values_sent)), Drawn(role, action, to, tuple(values_sent)))
    return list(found.values())


def kept_by(house: House) -> Counter[str]:
    """All that the portal keeps besides the log, each file's words: what is made by chance is left out."""
    by_chance = re.compile(r"[A-Za-z0-9_\-./+$=,]{22,}|<[0-9a-f]{16}@")
    found: Counter[str] = Counter()
    for path in sorted((house.portal.settings.data / "records").rglob("*")):
        if path.is_file() and "sessions" not in str(path) and "lock" not in path.name:
            found[by_chance.sub("…", path.read_text(errors="replace"))] += 1
    return found


def send_every_form(house: House, with_extras: bool) -> tuple[set[str], list[tuple[str, int]], Counter[str]]:
    """Sends each form that there is, filled in; where it went, how it was answered, and what is kept then."""
    answers: list[tuple[str, int]] = []
    reached: set[str] = set()
    for _ in range(2):  # some forms are there once others were sent: to take back an invitation, for one
        drawn = [
            form for role in ROLES for form in forms_of(house, role) if form.endpoint not in reached | set(NOT_FILLED)
        ]
        reached |= {form.endpoint for form in drawn}
        for form in sorted(drawn, key=lambda form: ("deactivate" in form.endpoint, "withdraw" in form.endpoint)):
            sent: MultiDict[str, Any] = MultiDict(form.sent)
            for name, value in list(sent.items()):
                if not value and name in FILLED:
                    sent[name] = FILLED[name]
            if with_extras:
                asked = {name for name, _ in form.sent} | {"second_factor"}
                for name, value in extras(house.process, asked, set()).items():
                    sent.add(name, value)
            answer = house.client(form.role).post(form.action, data=sent, buffered=True)
            answers.append((f"{form.role}: {form.endpoint}", answer.status_code))
    return reached, answers, kept_by(house)


@pytest.mark.requirement("ASVS 15.3.3", "NIST SI-10")
def test_what_a_form_does_not_ask_is_not_kept(make_house: MakeHouse) -> None:
    plain, more = make_house(name="plain"), make_house(name="more")
    for house in (plain, more):
        house.application_after("identify-requestor")
    endpoints, as_asked, kept = send_every_form(plain, with_extras=False)
    _, with_more, kept_with_more = send_every_form(more, with_extras=True)
    assert with_more == as_asked
    assert kept_with_more - kept == Counter()
    assert kept - kept_with_more == Counter()
    assert sum(status == 303 for _, status in as_asked) > 8, as_asked
    posts = {way.endpoint for way in ways(plain, "TPA-2026-0001", "0" * 64) if way.method != "GET"}
    assert posts - set(NOT_FILLED) - endpoints == set(), "a form that no page leads to: say in NOT_FILLED why"


# And the code's rule behind it.


@pytest.mark.requirement("ASVS 15.3.3", "NIST SI-10")
def test_no_view_takes_a_request_as_it_comes() -> None:
    """A form's values come through its declared fields, or one by one under their names."""
    portal = Path(__file__).parent.parent.parent / "portal"
    for path in sorted(portal.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Attribute):
                continue
            text = ast.unparse(node)
            assert text not in ("request.values", "request.json"), path
            assert node.attr not in ("populate_obj", "get_json"), path
            if text != "request.form":
                continue
            use = parents[node]
            by_name = (isinstance(use, ast.Attribute) and use.attr == "get") or isinstance(use, ast.Compare)
            handed = isinstance(use, ast.Call) and ast.unparse(use.func) in ("form_from_request", "change_rows")
            shown_again = path.name == "errors.py"  # what was typed, back to whoever typed it
            assert by_name or handed or shown_again, f"{path}:{node.lineno}"
