"""Every route of the portal as an address that can be asked for, made from the url map; and who comes in, by the policy.

A route with a part that is not known here is an error: give it a value, so that no route is left out.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from portal.people.person import Grant
from portal.process.document import Json
from portal.process.goals import california_date
from portal.process.policy_table import ANYBODY, SIGNED_IN
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from portal.store.errors import NotFound
from tests.clients import PortalClient, sign_in
from tests.conftest import House
from tests.journey import answers_to
from tests.web.asking import a_pdf

ROLES = tuple(role.key for role in THIRD_PARTY_ACCESS.roles)
SCOPED = tuple(role.key for role in THIRD_PARTY_ACCESS.roles if role.scope)
STARTING = THIRD_PARTY_ACCESS.starting_step.key

LEAVES = ("sign_out", "end_sessions")
"""What ends a session is asked for last."""

PARTS: dict[str, tuple[str, ...]] = {
    "since": ("2026-11-23",),
    "step_key": tuple(step.key for step in THIRD_PARTY_ACCESS.steps),
    "name": ("mou",),
    "kind": ("csv", "xlsx", "json"),
    "key": ("third-party-access",),
    "role_key": ("director",),
    "email": ("nobody@demo.example",),
    "token": ("none",),
    "filename": ("portal.css",),
    "number": ("26-01",),
}
"""What stands in an address in place of each part of a rule; of an application, it is the one asked about."""


@dataclass(frozen=True)
class Way:
    """One method and address, with the endpoint that answers, the step that it is about, and the application."""

    method: str
    address: str
    endpoint: str
    step: str = ""
    document_id: str = ""
    document: Json = field(default_factory=dict)

    def comes_in(self, role: str, sees: bool) -> int:
        """200 when the policy lets this role in, else the status with which it is refused; "" is nobody."""
        rows = THIRD_PARTY_ACCESS.policy.opening(self.endpoint)
        roles = {one for row in rows for one in row.roles}
        if ANYBODY in roles:
            return 200
        if not role:
            return 302 if self.method == "GET" else 401
        if not roles & {role, SIGNED_IN}:
            return 403
        if self.document_id and not sees:
            return 404
        return 200 if not self.step or self._takes(role) else 403

    def _takes(self, role: str) -> bool:
        rows = THIRD_PARTY_ACCESS.policy.taking(self.step)
        return any(
            role in row.roles and (row.provided is None or row.provided.since(self.document) is not None)
            for row in rows
        )


def ways(house: House, document_id: str, sha256: str) -> list[Way]:
    """Every method and address there is, on this application."""
    found = []
    document: Json = {}
    with suppress(NotFound):  # the addresses are asked for where there is no application too
        document = house.get(document_id)
    for rule in house.app.url_map.iter_rules():
        for values in _values(sorted(rule.arguments), {"document_id": document_id, "sha256": sha256}):
            with house.app.test_request_context():
                address = house.app.url_for(rule.endpoint, **values)
            step = values.get("step_key", STARTING if rule.rule == "/applications/new" else "")
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                found.append(Way(method, address, rule.endpoint, step, values.get("document_id", ""), document))
    return sorted(found, key=lambda way: (any(one in way.endpoint for one in LEAVES), way.address, way.method))


def _values(names: list[str], known: dict[str, str]) -> Iterator[dict[str, str]]:
    """Each choice of values for these parts of a rule."""
    if not names:
        yield {}
        return
    for value in (known[names[0]],) if names[0] in known else PARTS[names[0]]:
        for rest in _values(names[1:], known):
            yield {names[0]: value, **rest}


def an_accepted_application_with_a_paper(house: House) -> tuple[Json, str]:
    """An application whose users are certified, one with the signed statement."""
    sha256 = house.portal.store.put_file(a_pdf())
    paper = {"name": "statement.pdf", "sha256": sha256, "size": len(a_pdf())}
    document = house.application_after("sign-mou")
    users: list[dict[str, Any]] = answers_to("certify-users", california_date(house.clock.now))["users"]
    users[0]["statement"] = paper
    return house.take(document["id"], "certify-users", users=users), sha256


def foster(house: House) -> PortalClient:
    """The browser of one who holds the role of Requestor for another organization of Kern."""
    house.portal.people.add(
        "foster@demo.example", "Fay Oster", Grant("requestor", {"lcsa": "Kern", "organization": "Kern IV-E"}),
        password="third-party-access",
    )  # fmt: skip
    client = PortalClient(house.app, use_cookies=True)
    sign_in(client, "foster@demo.example")
    return client


def neighbours(house: House) -> Iterator[tuple[str, PortalClient]]:
    """Those whose roles are of another county, or of another organization of the same county, each with the role."""
    for role in SCOPED:
        yield role, house.client(role, "San Diego")
    yield "requestor", foster(house)
