"""Who may open and do what: rules for the whole site, drawn from the routes and the table of steps."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from werkzeug.routing import Rule

from portal.people.person import Grant
from portal.process.document import Json
from portal.process.goals import california_date
from portal.process.policy_table import Act
from portal.process.step import Process, Step
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from tests.clients import Page, PortalClient, sign_in
from tests.conftest import House, email_of
from tests.journey import WAY, answers_to
from tests.web.asking import a_pdf, at_step, kept_in, posted, refusals, token_of

ROLES = tuple(role.key for role in THIRD_PARTY_ACCESS.roles)
SEEING = frozenset(ROLES) - {"portal-administrator"}
EVERYBODY = frozenset({*ROLES, ""})


@dataclass(frozen=True)
class Door:
    """An address, who comes in with which answer, and what the others who have signed in are told."""

    address: str
    opens_to: frozenset[str]
    inside: int = 200
    outside: int = 403


def doors(document_id: str, sha256: str) -> dict[tuple[str, str], Door]:
    """Each route of the portal, with who may use it on an application of Kern that has been accepted."""
    here = f"/applications/{document_id}"
    certify, nobody = f"{here}/steps/certify-users", "/people/nobody@demo.example"
    everybody, signed_in = EVERYBODY, frozenset(ROLES)
    manager, owner = frozenset({"process-manager"}), frozenset({"process-owner", "process-manager"})
    people, iso = frozenset({"portal-administrator"}), frozenset({"iso"})
    director, requestor = frozenset({"director"}), frozenset({"requestor"})
    return {
        ("GET", "/"): Door("/", everybody),
        ("GET", "/process"): Door("/process", everybody),
        ("GET", "/policy"): Door("/policy", everybody),
        ("GET", "/policy.json"): Door("/policy.json", everybody),
        ("GET", "/policy.csv"): Door("/policy.csv", everybody),
        ("GET", "/health"): Door("/health", everybody),
        ("GET", "/matrix"): Door("/matrix", everybody),
        ("GET", "/matrix.csv"): Door("/matrix.csv", everybody),
        ("GET", "/matrix.xlsx"): Door("/matrix.xlsx", everybody),
        ("GET", "/matrix.json"): Door("/matrix.json", everybody),
        ("GET", "/uaag"): Door("/uaag", everybody),
        ("GET", "/uaag.csv"): Door("/uaag.csv", everybody),
        ("GET", "/schemas/<key>.json"): Door("/schemas/third-party-access.json", everybody),
        ("GET", "/static/<path:filename>"): Door("/static/portal.css", everybody),
        ("GET", "/invitation/<token>"): Door("/invitation/none", everybody, 404),
        ("POST", "/invitation/<token>"): Door("/invitation/none", everybody, 404),
        ("GET", "/inbox"): Door("/inbox", signed_in),
        ("GET", "/account"): Door("/account", signed_in),
        ("POST", "/account"): Door("/account", signed_in, 422),
        ("GET", "/account/session"): Door("/account/session", signed_in),
        ("POST", "/account/session"): Door("/account/session", signed_in, 303),
        ("POST", "/account/sessions/end"): Door("/account/sessions/end", signed_in, 303),
        ("GET", "/rules"): Door("/rules", signed_in),
        ("POST", "/rules"): Door("/rules", signed_in, 422),
        ("GET", "/confirmations"): Door("/confirmations", iso | people),
        ("GET", "/confirmations.csv"): Door("/confirmations.csv", iso | people),
        ("GET", "/confirmations/<sha256>.txt"): Door(f"/confirmations/{'0' * 64}.txt", iso | people, 404),
        ("GET", "/account/password"): Door("/account/password", signed_in),
        ("POST", "/account/password"): Door("/account/password", signed_in, 422),
        ("GET", "/account/second-factor"): Door("/account/second-factor", signed_in),
        ("POST", "/account/second-factor"): Door("/account/second-factor", signed_in, 404),
        ("GET", "/account/second-factor.svg"): Door("/account/second-factor.svg", signed_in, 404),
        ("GET", "/applications"): Door("/applications", signed_in),
        ("GET", "/applications/new"): Door("/applications/new", director),
        ("POST", "/applications/new"): Door("/applications/new", director, 422),
        ("GET", "/applications/<document_id>"): Door(here, SEEING, outside=404),
        ("GET", "/applications/<document_id>.json"): Door(f"{here}.json", SEEING, outside=404),
        ("GET", "/applications/<document_id>/letters/<name>"): Door(f"{here}/letters/mou", SEEING, outside=404),
        ("GET", "/applications/<document_id>/files/<sha256>"): Door(f"{here}/files/{sha256}", SEEING, outside=404),
        ("GET", "/applications/<document_id>/steps/<step_key>"): Door(certify, requestor),
        ("POST", "/applications/<document_id>/steps/<step_key>"): Door(certify, requestor, 422),
        ("POST", "/applications/<document_id>/steps/<step_key>/draft"): Door(f"{certify}/draft", requestor, 204),
        ("GET", "/tracking"): Door("/tracking", owner),
        ("GET", "/tracking.<kind>"): Door("/tracking.csv", owner),
        ("GET", "/conversion-dates"): Door("/conversion-dates", manager),
        ("POST", "/conversion-dates"): Door("/conversion-dates", manager, 422),
        ("GET", "/access-log"): Door("/access-log", iso),
        ("GET", "/access-log.csv"): Door("/access-log.csv", iso),
        ("POST", "/access-log/review"): Door("/access-log/review", iso, 422),
        ("GET", "/people"): Door("/people", people),
        ("GET", "/people/new"): Door("/people/new", people),
        ("POST", "/people/new"): Door("/people/new", people, 422),
        ("GET", "/people/<path:email>"): Door("/people/legal@demo.example", people),
        ("POST", "/people/<path:email>/deactivate"): Door(f"{nobody}/deactivate", people, 404),
        ("POST", "/people/<path:email>/reactivate"): Door(f"{nobody}/reactivate", people, 404),
        ("POST", "/people/<path:email>/link"): Door(f"{nobody}/link", people, 404),
        ("POST", "/people/<path:email>/roles"): Door(f"{nobody}/roles", people, 404),
        ("POST", "/people/<path:email>/roles/withdraw"): Door(f"{nobody}/roles/withdraw", people, 404),
        ("GET", "/colleagues"): Door("/colleagues", requestor),
        ("POST", "/colleagues"): Door("/colleagues", requestor, 404),
        ("GET", "/colleagues/withdraw"): Door("/colleagues/withdraw", requestor, 404),
        ("POST", "/colleagues/withdraw"): Door("/colleagues/withdraw", requestor, 404),
    }  # fmt: skip


SIGNING = {
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("GET", "/sign-in/code"),
    ("POST", "/sign-in/code"),
    ("GET", "/sign-in/forgotten"),
    ("POST", "/sign-in/forgotten"),
    ("POST", "/sign-out"),
}
"""How one comes in and goes out: tests/people show it."""


def routes(app: Flask) -> set[tuple[str, str]]:
    """Every method and rule."""
    return {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_route_says_who_may_open_it_and_stands_in_the_table(house: House) -> None:
    named = {name for row in house.process.policy.rows if row.act is Act.OPEN for name in row.names}
    assert {rule.endpoint for rule in house.app.url_map.iter_rules()} == named
    assert routes(house.app) == set(doors("", "")) | SIGNING


def test_a_view_that_says_nothing_is_refused_to_everybody(house: House) -> None:
    house.app.add_url_rule("/forgotten", "forgotten", lambda: "inside")
    for who in ("", "process-owner", "portal-administrator"):
        page = house.client(who).page("/forgotten", 403)
        assert "inside" not in page.text


@pytest.mark.process("O8.2")
def test_every_route_opens_to_its_own_roles_alone(house: House) -> None:
    document, sha256 = an_accepted_application_with_a_paper(house)
    for role in ("", *ROLES):
        client, wrong = house.client(role), {}
        token = token_of(client)
        for (method, rule), door in doors(document["id"], sha256).items():
            sent = {"csrf_token": token} if method == "POST" else None
            answer = client.open(door.address, method=method, data=sent, buffered=True)
            expected = (
                door.inside if role in door.opens_to else door.outside if role else 401 if method == "POST" else 302
            )
            if role == "portal-administrator" and rule.startswith("/applications/<"):
                expected = 404  # it sees no application
            if answer.status_code != expected:
                wrong[method, rule] = f"{answer.status_code}, not {expected}"
            if expected == 302:
                assert answer.headers["Location"].startswith("/sign-in")
        assert wrong == {}, role or "nobody"


def an_accepted_application_with_a_paper(house: House) -> tuple[Json, str]:
    """An application whose users are certified, one with the signed statement."""
    sha256 = house.portal.store.put_file(a_pdf())
    paper = {"name": "statement.pdf", "sha256": sha256, "size": len(a_pdf())}
    document = house.application_after("sign-mou")
    users = answers_to("certify-users", california_date(house.clock.now))["users"]
    users[0]["statement"] = paper
    return house.take(document["id"], "certify-users", users=users), sha256


def test_no_get_changes_anything(house: House) -> None:
    document, sha256 = an_accepted_application_with_a_paper(house)
    found = doors(document["id"], sha256)
    clients = [house.client(role) for role in ("", *ROLES)]
    before = kept_in(house.portal.settings.data, "log", "lock")
    for client in clients:
        for (method, _), door in found.items():
            if method == "GET":
                client.get(door.address, buffered=True)
    for step in house.process.steps:
        house.client(step.role).get(at_step(document, step.key), buffered=True)
    assert kept_in(house.portal.settings.data, "log", "lock") == before


def test_every_post_without_its_token_is_refused(house: House) -> None:
    document, sha256 = an_accepted_application_with_a_paper(house)
    before = kept_in(house.portal.settings.data, "log", "lock")
    found = doors(document["id"], sha256)
    posts = [door for (method, _), door in found.items() if method == "POST"]
    assert any(door.address.endswith("/draft") for door in posts)
    for role in ("", *ROLES):
        client = house.client(role)
        for door in posts:
            page = Page(client.post(door.address, data={"csrf_token": "another's", "confirm": "yes"}))
            assert page.status in ((400,) if role in door.opens_to else (400, 401, 403)), door.address
            assert page.h1
        for address in ("/sign-in", "/sign-out"):
            assert client.post(address, data={"email": "legal@demo.example"}).status_code == 400
    assert kept_in(house.portal.settings.data, "log", "lock", "people", "sessions") == {
        path: sha256 for path, sha256 in before.items() if "people" not in path
    }


SIDEWAYS = {
    "clarify": ("legal-opinion", {"opinion": "clarification", "opinion_text": "Which offices?"}),
    "delay-opinion": ("route-application", {}),
    "delay-decision": ("send-to-owner", {}),
    "return-mou": ("sign-mou", {}),
    "withdraw": ("identify-requestor", {}),
}
"""The steps beside the way, each with the step (and its answers) that opens it."""


def with_each_step_open(house: House) -> Iterator[tuple[Step, Json]]:
    """Every step of the process with a document on which it is open."""
    document: Json = {"id": ""}
    for key in WAY:
        if key != "identify-requestor":
            yield house.process.step(key), document
        document = house.take(document["id"], key)
    for key, (opener, answers) in SIDEWAYS.items():
        if opener == "identify-requestor":
            yield house.process.step(key), house.take("", opener)
        else:
            before = house.application_before(opener)
            yield house.process.step(key), house.take(before["id"], opener, **answers)


def may_take(process: Process, step: Step, role: str) -> bool:
    """Whether the table of steps gives the step to this role, while nobody was designated."""
    return any(role in row.roles and row.provided is None for row in process.policy.taking(step.key))


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


def neighbours(house: House) -> Iterator[PortalClient]:
    """Those whose roles are of another county, or of another organization of the same county."""
    for role in ("director", "coordinator", "administrator", "requestor"):
        yield house.client(role, "San Diego")
    house.portal.people.add(
        "foster@demo.example", "Fay Oster", Grant("requestor", {"lcsa": "Kern", "organization": "Kern IV-E"}),
        password="third-party-access",
    )  # fmt: skip
    foster = PortalClient(house.app, use_cookies=True)
    sign_in(foster, "foster@demo.example")
    yield foster


@pytest.mark.process("1.5", "O8.2")
def test_a_foreign_record_is_not_there(house: House) -> None:
    document, sha256 = an_accepted_application_with_a_paper(house)
    here = f"/applications/{document['id']}"
    nowhere = "/applications/TPA-2026-9999"
    parts = ["", ".json", "/letters/mou", f"/files/{sha256}", *(f"/steps/{step.key}" for step in house.process.steps)]
    for place, client in enumerate([*neighbours(house), house.client("portal-administrator")]):
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


def test_a_step_out_of_turn_is_409_and_says_why(house: House) -> None:
    document = house.application_after("identify-requestor")
    for step in house.process.steps:
        if step.starts or step.key in ("schedule-invitation", "withdraw"):
            continue
        client = house.client(step.role)
        page = client.page(at_step(document, step.key), 409)
        assert "is not open yet" in page.words("//main"), step.key
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


def test_the_policy_page_says_which_roles_open_which_page(house: House) -> None:
    text = house.client("").page("/policy").words("//main")
    for row in house.process.policy.rows:
        assert row.purpose in text
        assert row.title in text
