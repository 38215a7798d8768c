"""Who may open and do what: rules for the whole site, drawn from the routes and the table of steps."""

from collections.abc import Iterator

import pytest
from werkzeug.routing import Rule

from portal.process.document import Json
from portal.process.step import Process, Step
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from tests.clients import Page
from tests.conftest import House, email_of
from tests.journey import BESIDE_THE_WAY, WAY, leaves_a_finding_open
from tests.policy.every_route import an_accepted_application_with_a_paper, neighbours, ways
from tests.web.asking import at_step, kept_in, posted, refusals

ROLES = tuple(role.key for role in THIRD_PARTY_ACCESS.roles)
SEEING = frozenset(ROLES) - {"portal-administrator"}


@pytest.mark.requirement("ASVS 3.5.3")
def test_no_get_changes_anything(house: House) -> None:
    document, sha256 = an_accepted_application_with_a_paper(house)
    gets = [way for way in ways(house, document["id"], sha256) if way.method == "GET"]
    clients = [house.client(role) for role in ("", *ROLES)]
    before = kept_in(house.portal.settings.data, "log", "lock")
    for client in clients:
        for way in gets:
            client.get(way.address, buffered=True)
    assert kept_in(house.portal.settings.data, "log", "lock") == before


@pytest.mark.requirement("ASVS 3.5.1", "NIST SC-23")
def test_every_post_without_its_token_is_refused(house: House) -> None:
    document, sha256 = an_accepted_application_with_a_paper(house)
    clients = {role: house.client(role) for role in ("", *ROLES)}
    before = kept_in(house.portal.settings.data, "log", "lock")
    posts = [way for way in ways(house, document["id"], sha256) if way.method != "GET"]
    assert any(way.address.endswith("/draft") for way in posts)
    for role, client in clients.items():
        for way in posts:
            page = Page(client.open(way.address, method=way.method, data={"csrf_token": "another's", "confirm": "yes"}))
            comes_in = way.comes_in(role, role in SEEING) == 200
            assert page.status in ((400,) if comes_in else (400, 401, 403)), (role, way)
            assert page.h1
    assert kept_in(house.portal.settings.data, "log", "lock") == before


def with_each_step_open(house: House) -> Iterator[tuple[Step, Json]]:
    """Every step of the process with a document on which it is open."""
    document: Json = {"id": ""}
    for key in WAY:
        if key != "identify-requestor":
            yield house.process.step(key), document
        document = house.take(document["id"], key)
    # Those that leave a finding open come last: it holds up what is open to an organization in good standing.
    for key in sorted(BESIDE_THE_WAY, key=leaves_a_finding_open):
        yield house.process.step(key), house.where_open(key)


def may_take(process: Process, step: Step, role: str) -> bool:
    """Whether the table of steps gives the step to this role, while nobody was designated."""
    return any(role in row.roles and row.provided is None for row in process.policy.taking(step.key))


@pytest.mark.requirement("ASVS 2.3.1", "ASVS 8.2.1", "NIST AC-3")
@pytest.mark.process("1.5")
def test_a_wrong_role_is_refused_every_step_and_told_whose_turn_it_is(house: House) -> None:
    tried = set()
    for step, document in with_each_step_open(house):
        tried.add(step.key)
        title = house.process.role(step.role).title
        for role in sorted(SEEING):
            client, address = house.client(role), at_step(document, step.key)
            if may_take(house.process, step, role):
                client.page(address)
                continue
            for page in (client.page(address, 403), posted(client, address, confirm="yes")):
                assert page.status == 403, (step.key, role)
                assert page.words("//main").count(f"“{step.title}” is for the {title}."), (step.key, role)
            assert refusals(house, email_of(role))[0]["why"] == f"403: “{step.title}” is for the {title}."
            assert refusals(house, email_of(role))[0]["record"] == document["id"]
        assert house.get(document["id"])["version"] == document["version"], step.key
    assert tried == {step.key for step in house.process.steps} - {"identify-requestor"}


def test_whoever_is_no_director_is_told_who_identifies(house: House) -> None:
    for role in sorted(set(ROLES) - {"director"}):
        client = house.client(role)
        for page in (client.page("/applications/new", 403), posted(client, "/applications/new", confirm="yes")):
            assert page.status == 403
            assert "“Identify a Requestor” is for the LCSA Director." in page.words("//main")


@pytest.mark.requirement("ASVS 8.2.2", "ASVS 8.4.1", "NIST AC-3")
@pytest.mark.process("1.5", "O8.2")
def test_a_foreign_record_is_not_there(house: House) -> None:
    document, sha256 = an_accepted_application_with_a_paper(house)
    here = f"/applications/{document['id']}"
    nowhere = "/applications/TPA-2026-9999"
    parts = ["", ".json", "/letters/mou", f"/files/{sha256}", *(f"/steps/{step.key}" for step in house.process.steps)]
    for place, client in enumerate(
        [*(client for _, client in neighbours(house)), house.client("portal-administrator")]
    ):
        for part in parts:
            foreign = client.page(here + part, 404)
            if not place:
                missing = client.page(nowhere + part, 404)
                assert foreign.words("//h1 | //main/p[not(code)]") == missing.words("//h1 | //main/p[not(code)]")
        for step in house.process.steps:
            for address in (at_step(document, step.key), at_step(document, step.key) + "/draft"):
                assert posted(client, address, confirm="yes").status == 404, address
        assert "Kern" not in client.page("/applications").words("//table")
        assert document["id"] not in client.page("/applications?q=Kern").text
        assert document["id"] not in client.page("/inbox").text
    assert house.get(document["id"])["version"] == document["version"]
    refused = refusals(house, email_of("director", "San Diego"))
    assert {line["record"] for line in refused} == {document["id"], "TPA-2026-9999"}
    assert {line["why"] for line in refused} == {"404: OutOfScope", "404: NotFound"}


@pytest.mark.requirement("ASVS 2.3.1", "ASVS 8.2.1", "NIST AC-3")
def test_a_step_out_of_turn_is_409_and_says_why(house: House) -> None:
    document = house.application_after("identify-requestor")
    for step in house.process.steps:
        if step.starts or step.key in ("schedule-invitation", "withdraw"):
            continue
        client = house.client(step.role)
        page = client.page(at_step(document, step.key), 409)
        assert "is not open yet" in page.words("//main"), step.key
        assert "your answers" not in page.words("//main"), step.key
        assert f"/applications/{document['id']}" in page.links("//main"), step.key
        assert posted(client, at_step(document, step.key), confirm="yes").status == 409
        assert posted(client, at_step(document, step.key) + "/draft").status == 409
        assert refusals(house, email_of(step.role))[0]["why"].startswith("409: "), step.key
    assert house.get(document["id"])["version"] == 1


def test_what_was_taken_already_and_what_is_closed_says_so(house: House) -> None:
    document = house.application_after("route-application")
    page = house.client("process-manager").page(at_step(document, "route-application"), 409)
    assert "was taken already, by Paul Merritt" in page.words("//main")
    house.take(document["id"], "withdraw")
    page = house.client("legal").page(at_step(document, "legal-opinion"), 409)
    assert "closed (withdrawn)" in page.words("//main")


@pytest.mark.requirement("NIST AC-5", "NIST AC-6")
def test_the_portal_administrator_sees_no_application(house: House) -> None:
    document = house.application_after("schedule-invitation")
    client = house.client("portal-administrator")
    for address in ("/inbox", "/applications", "/applications?q=Kern"):
        page = client.page(address)
        assert document["id"] not in page.text
        assert "Kern IV-A" not in page.text
    client.page("/tracking", 403)


def test_addresses_that_people_bookmark_are_there(house: House) -> None:
    promised = (
        "/", "/process", "/policy", "/matrix", "/matrix.csv", "/matrix.xlsx", "/matrix.json", "/uaag", "/uaag.csv",
        "/sign-in", "/sign-out", "/invitation/<>", "/inbox", "/applications", "/applications/new", "/applications/<>",
        "/applications/<>/steps/<>", "/applications/<>/steps/<>/draft", "/applications/<>/letters/<>",
        "/applications/<>.json", "/tracking", "/tracking.xlsx", "/access-log", "/people", "/health",
    )  # fmt: skip
    urls = house.app.url_map.bind("")
    lost = [address for address in promised if not urls.allowed_methods(address.replace("<>", "x1"))]
    assert lost == []


def test_addresses_are_kebab_case(house: House) -> None:
    def fixed(rule: Rule) -> str:
        return "".join(part for data, part in rule._trace if not data)

    odd = [rule.rule for rule in house.app.url_map.iter_rules() if fixed(rule).lower().replace("_", "-") != fixed(rule)]
    assert odd == []
    assert all(step.key == step.key.lower().replace("_", "-") for step in house.process.steps)


@pytest.mark.process("1.2", "6.8.1")
def test_the_published_process_says_when_another_role_may_take_a_step_and_what_goes_by_itself(house: House) -> None:
    page = house.client("").page("/process")

    def said_of(title: str) -> str:
        return page.words(f"//tr[contains(., '{title}')]")

    withdraw = said_of("Withdraw the application")
    assert "or the Process Owner, when the application is accepted and the acceptance is sent" in withdraw
    assert ", when the Director lets the Coordinator act" in withdraw
    assert "by itself on its date" in said_of("End the agreement on its date")
    assert "; by itself" in said_of("Note that the renewal came to nothing")
    assert "on its date" not in said_of("Note that the renewal came to nothing")
