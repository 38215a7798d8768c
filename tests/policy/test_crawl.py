"""A scanner let loose on the portal, signed in as each role, finds no record that isn't theirs.

It follows every link, asks for whatever any other role found, guesses numbers, and sends every form it saw.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from werkzeug.test import TestResponse

from portal import actions
from portal.people.person import Grant
from portal.process import policy
from portal.process.document import Json
from portal.process.policy import may_open
from portal.process.policy_table import ANYBODY
from portal.process.step import Actor
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from tests.clients import PortalClient, sign_in
from tests.conftest import House, email_of
from tests.journey import WAY, answers_to
from tests.policy.canaries import Canaries, texts
from tests.policy.crawler import HX, Crawler, Form
from tests.policy.every_route import ROLES, SCOPED
from tests.web.asking import a_pdf, token_of

pytestmark = pytest.mark.process("O8.2")

PAGES, PAGES_OF_ALL = 600, 60
"""So many pages are followed for each person at most, and for one to whom every application is open."""

TELLING = re.compile(r"qz[a-j]{4}zq|\(916\) 555-\d{4}|TPA-\d{4}-\d{4}|(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
"""What tells one record from another: canaries, numbers of telephones, ids, checksums of papers and entries."""

OTHER_COUNTY = "San Diego"

PACKAGE = THIRD_PARTY_ACCESS.policy.opening("evidence.package")
"""Who may take the evidence package of an application."""


@dataclass
class Record(Canaries):
    """An application of one organization of one county, with canaries."""

    county: str = "Kern"
    requestor: str = ""
    organization: str = ""

    def go_until(self, last: str) -> None:
        """Takes every step up to this one, a paper with the users among them."""
        for step in WAY[: WAY.index(last) + 1]:
            fixed: Json = {"organization_name": self.organization} if step == WAY[0] else {}
            if step == "certify-users":
                fixed["users"] = self._with_a_paper(self.house.portal.store.put_file(self.paper))
            self.take(step, **fixed)

    @property
    def paper(self) -> bytes:
        """The bytes of the paper that is kept with the users: its own word is in them."""
        return a_pdf() + f"\n% {self.organization}\n".encode()

    def _with_a_paper(self, sha256: str) -> list[Json]:
        users: list[Json] = answers_to("certify-users", self.house.clock().date())["users"]
        users[0]["statement"] = {"name": "statement.pdf", "sha256": sha256, "size": len(self.paper)}
        return users

    def _taken(self, step: str, answers: Json) -> Json:
        role = self.house.process.step(step).role
        email = self.requestor if role == "requestor" else email_of(role, self.county)
        actor = self.house.portal.people.require(email).actor
        if not self.document_id:
            return actions.begin(self.house.portal, actor, answers)
        return actions.take(self.house.portal, self.document_id, step, actor, answers)


@dataclass
class Visitor:
    """Somebody with a browser: what they may know of, what they must not be told, and what went wrong."""

    name: str
    role: str
    client: PortalClient
    actor: Actor | None
    own: set[str]
    """The ids of the applications that are theirs to know of."""
    forbidden: set[str]
    """What tells of an application that is not."""
    wrong: Counter[str] = field(default_factory=Counter)
    asked: int = 0

    def read(self, what: str, answer: TestResponse) -> None:
        """Looks into every byte of an answer for what is not theirs."""
        self.asked += 1
        heads = "\n".join(f"{name}: {value}" for name, value in answer.headers)
        told = set(TELLING.findall("\n".join([heads, *texts(answer.get_data())]))) & self.forbidden
        if not self.role:
            told -= set(TELLING.findall(what))  # the way to sign in leads back to what was asked for
        if answer.status_code >= 500:
            self.wrong[f"{answer.status_code}: {what}"] += 1
        self.wrong.update(f"{one} in {what}" for one in told)

    def refused(self, what: str, address: str, answer: TestResponse) -> None:
        """Holds the answer about an application to what it is to be when it isn't theirs."""
        self.read(what, answer)
        found = re.match(r"/applications/(TPA-\d+-\d+)", address)
        if found and found[1] not in self.own and answer.status_code not in self._refusals(address, answer):
            self.wrong[f"{answer.status_code}, not refused: {what}"] += 1

    def _refusals(self, address: str, answer: TestResponse) -> tuple[int, ...]:
        if not self.role:
            to_sign_in = answer.headers.get("Location", "").startswith("/sign-in")
            return (302, 303, 401) if to_sign_in or answer.status_code == 401 else ()
        # A page that the role does not open is refused before its number is looked at, whoever's that is.
        shut = address.endswith("/evidence.zip") and not may_open(PACKAGE, self.actor)
        return (403, 404) if self.role == "portal-administrator" or shut else (404,)


def records_of(house: House) -> list[Record]:
    """Applications at several stages: of two organizations of one county, and of another county; one is published."""
    numbers = iter(range(10_000))
    first = Record(house, _numbers=numbers)
    organizations = [(county, f"{county} {first.word()}") for county in ("Kern", "Kern", OTHER_COUNTY)]
    for place, (county, organization) in enumerate(organizations):
        grant = Grant("requestor", {"lcsa": county, "organization": organization})
        house.portal.people.add(f"asks-{place}@demo.example", "Quinn Asker", grant, password="third-party-access")
    records = []
    for place, last in ((0, "post-approval"), (1, "certify-users"), (1, "legal-opinion"), (2, "certify-users"), (2, "send-to-owner"), (0, WAY[0])):  # fmt: skip
        county, organization = organizations[place]
        record = Record(house, _numbers=numbers, county=county, organization=organization, requestor=f"asks-{place}@demo.example")  # fmt: skip
        record.go_until(last)
        records.append(record)
    return records


def telling_of(what: object) -> set[str]:
    """Everything in this that tells one record from another."""
    return set(TELLING.findall(json.dumps(what, ensure_ascii=False)))


def visitors(house: House, records: list[Record]) -> Iterator[Visitor]:
    """Nobody, each role, those of the other county, and those who ask for the three organizations."""
    emails = [("", "")] + [(role, email_of(role)) for role in ROLES]
    emails += [(role, email_of(role, OTHER_COUNTY)) for role in SCOPED]
    emails += [("requestor", f"asks-{place}@demo.example") for place in range(3)]
    documents = [record.document for record in records]
    public = telling_of([policy.readable_to(house.process, one, (ANYBODY,)) for one in documents])
    accounts = telling_of([record.organization for record in records])  # in whose name people have them
    for role, email in emails:
        client, actor = PortalClient(house.app, use_cookies=True), None
        if email:
            actor = house.portal.people.require(email).actor
            sign_in(client, email)
        theirs = [one for one in documents if actor and policy.may_see(house.process, actor, one)]
        known = telling_of(theirs) | public | (accounts if role == "portal-administrator" else set())
        known |= telling_of([grant.scope for grant in actor.grants]) if actor else set()
        yield Visitor(email or "nobody", role, client, actor, {one["id"] for one in theirs}, telling_of(documents) - known)  # fmt: skip


def guesses(house: House, records: list[Record]) -> list[str]:
    """Addresses that nobody needs to find: numbers next to one's own, with every suffix there is."""
    letters = sorted({one["name"] for record in records for entry in record.document["history"] for one in entry.get("letters", ())})  # fmt: skip
    steps = [f"/steps/{step.key}" for step in house.process.steps]
    papers = [f"/files/{hashlib.sha256(paper).hexdigest()}" for paper in sorted({one.paper for one in records})]
    suffixes = ["", ".json", *papers, *(f"/letters/{name}" for name in letters), *steps]
    kept = {record.document_id for record in records}
    numbers = [f"TPA-2026-{number:04}" for number in range(1, 11)]
    return [f"/applications/{one}{suffix}" for one in numbers for suffix in (suffixes if one in kept else suffixes[:3])]


def send_forms(visitor: Visitor, forms: list[Form], own: set[Form]) -> None:
    """Sends the forms that others found, with the token of this browser and nothing typed."""
    token = token_of(visitor.client) if visitor.role else ""
    for address, kept in forms:
        if (address, kept) in own or address.startswith(("/sign-", "/account", "/rules", "/invitation")):
            continue
        data = {**dict(kept), "csrf_token": token}
        visitor.refused(
            f"POST {address} {dict(kept) or ''}", address, visitor.client.post(address, data=data, buffered=True)
        )


@pytest.mark.requirement("ASVS 8.2.2", "ASVS 8.4.1", "NIST AC-3")
def test_a_crawl_signed_in_as_each_role_finds_no_record_that_is_not_theirs(house: House) -> None:
    records = records_of(house)
    everybody = list(visitors(house, records))
    before = {record.document_id: record.document for record in records}
    crawled = {}
    for visitor in everybody:
        crawled[visitor.name] = Crawler(visitor.client, visitor.read)
        crawled[visitor.name].crawl(PAGES_OF_ALL if len(visitor.own) == len(records) else PAGES)
    found = sorted({address for one in crawled.values() for address in one.statuses})
    forms = sorted({form for one in crawled.values() for form in one.forms})
    of_records = [address for address in found if address.startswith("/applications/TPA-")]
    for visitor in everybody:
        own = crawled[visitor.name]
        opened = {address[14:27] for address, status in own.statuses.items() if status == 200 and address in of_records}
        assert opened == visitor.own, f"{visitor.name} reached {opened}"
        if len(visitor.own) == len(records):
            continue  # none isn't theirs
        asked = [one for one in [*found, *guesses(house, records)] if one not in own.statuses]
        for place, address in enumerate(dict.fromkeys(asked)):
            headers = HX if place % 3 == 0 else {}
            visitor.refused(f"GET {address}", address, visitor.client.get(address, headers=headers, buffered=True))
        send_forms(visitor, forms, own.forms)
    assert (len(found) > 130, len(of_records) > 60, len(forms) > 200) == (True, True, True), "too little was found"
    assert sum(visitor.asked for visitor in everybody) > 5_000, "too little was asked"
    assert {visitor.name: visitor.wrong for visitor in everybody if visitor.wrong} == {}
    assert {record.document_id: record.document for record in records} == before
