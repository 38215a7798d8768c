"""What stands in the access log [O8.2]: everything that was done or tried, by whom, in which role; and nothing typed."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from portal.process.document import Json
from portal.process.goals import california_date
from portal.process.step import Kind
from tests.clients import PortalClient, document_id_of, typed
from tests.conftest import House, email_of
from tests.journey import WAY, answers_to

pytestmark = pytest.mark.process("O8.2")

CANARY = "zqcanary"


def lines(house: House) -> list[Json]:
    return list(house.portal.store.log_lines())


def since(house: House, before: int) -> list[tuple[str, ...]]:
    """Who, in which role, did what on which record, with what outcome, since there were so many lines."""
    return [tuple(line[key] for key in ("who", "role", "did", "record", "outcome")) for line in lines(house)[before:]]


def raw_log(house: House) -> str:
    return "\n".join(str(sorted(line.items())) for line in lines(house))


def with_canaries(house: House, step: str) -> dict[str, Any]:
    """The usual answers, with a word of its own in every text that takes one, and in the note."""
    answers = dict(answers_to(step, california_date(house.clock.now)))
    for field in house.process.step(step).fields:
        fixed = ("organization_name", "signature", "mou_signer_name", "office_id", "requestor_name", "contact_name")
        if field.kind in (Kind.TEXT, Kind.LONG_TEXT) and field.name in answers and field.name not in fixed:
            answers[field.name] = f"{answers[field.name]} {CANARY}"
    return {**answers, "note": f"{CANARY} in a note"}


@pytest.mark.requirement("ASVS 16.2.5", "NIST AU-3")
def test_nothing_that_was_typed_and_no_secret_is_ever_in_the_log(house: House) -> None:
    document_id, secrets = "", set()
    for step in WAY:
        client = house.client(house.process.step(step).role)
        address = f"/applications/{document_id}/steps/{step}" if document_id else "/applications/new"
        drawn = client.page(address).fields()
        secrets |= {drawn["csrf_token"], client.get_cookie("third-party-access").value}  # type: ignore[union-attr]
        sent = {**drawn, **typed(with_canaries(house, step))}
        client.post(f"{address}/draft", data=sent)
        client.post(address, data={**sent, "version": "0", "confirm": "yes"})
        client.post(address, data={**sent, "csrf_token": f"{CANARY}-token", "confirm": "yes"})
        client.post(address, data={"csrf_token": drawn["csrf_token"], "note": CANARY, "confirm": "yes"})
        document_id = document_id or document_id_of(client.post_form(address, {**sent, "confirm": "yes"}, 303))
        if house.get(document_id)["history"][-1]["step"] != step:
            client.post_form(
                address, {**client.page(address).fields(), **typed(with_canaries(house, step)), "confirm": "yes"}, 303
            )
    others(house, document_id)
    log = raw_log(house)
    assert CANARY in str(house.get(document_id)), "the canary was never kept: this test shows nothing"
    assert CANARY not in log
    for secret in secrets | {"third-party-access", *_link_tokens(house)}:
        assert secret not in log


def others(house: House, document_id: str) -> None:
    """Everything besides steps into which somebody can type something."""
    stranger = PortalClient(house.app, use_cookies=True)
    token = stranger.page("/sign-in").fields()["csrf_token"]
    for email in (email_of("legal"), f"{CANARY}@password.example", CANARY):
        stranger.post("/sign-in", data={"email": email, "password": f"{CANARY}!", "csrf_token": token})
    stranger.post(f"/sign-in?next=/{CANARY}", data={"email": "", "password": CANARY, "csrf_token": token})
    stranger.get(f"/applications/{document_id}?q={CANARY}")
    stranger.get(f"/invitation/{CANARY}")
    owner, manager, admin = (
        house.client(role) for role in ("process-owner", "process-manager", "portal-administrator")
    )
    for address in (
        "/applications",
        "/tracking",
        "/tracking.csv",
        "/people",
        f"/applications/{document_id}",
        "/access-log",
    ):
        for client in (owner, manager, admin):
            client.get(f"{address}?q={CANARY}&status={CANARY}&lcsa={CANARY}&next=/{CANARY}")
    owner.get(f"/applications/{document_id}/steps/{CANARY}")
    owner.post(f"/applications/{document_id}/steps/{CANARY}", data={"x": CANARY})
    token = admin.page("/people/new").fields()["csrf_token"]
    person = {"csrf_token": token, "lcsa": "", "organization": CANARY, "role": "legal", "email": "zo@kern.example"}
    admin.post("/people/new", data={**person, "name": CANARY})
    admin.post(f"/people/{email_of('legal')}/roles/withdraw", data={"csrf_token": token, "role": CANARY})
    token = manager.page("/account").fields()["csrf_token"]
    manager.post("/account", data={"csrf_token": token, "name": CANARY, "title": CANARY, "phone": "(661) 555-0100"})
    manager.post(
        "/account/password",
        data={"csrf_token": token, "old_password": CANARY, "password": f"{CANARY} {CANARY}", "password_again": CANARY},
    )
    manager.post("/conversion-dates", data={"csrf_token": token, "lcsa": "Kern", "converted_on": CANARY})


def _link_tokens(house: House) -> set[str]:
    outbox: Path = house.portal.settings.data / "outbox"
    house.portal.mail.deliver()
    found = {
        token for mail in outbox.glob("*.eml") for token in re.findall(r"/invitation/([\w-]{20,})", mail.read_text())
    }
    assert found or not list(outbox.glob("*.eml"))
    return found


@pytest.mark.requirement("NIST AU-12", "NIST AU-2")
def test_reading_an_application_is_logged_with_the_role_in_which_it_is_read(house: House) -> None:
    document_id = house.application_before("sign-mou")["id"]
    house.client("director"), house.client("legal")
    before = len(lines(house))
    house.client("director").page(f"/applications/{document_id}")
    house.client("legal").get(f"/applications/{document_id}.json")
    house.client("process-owner").get(f"/applications/{document_id}/letters/conditional-acceptance.docx")
    found = [line for line in since(house, before) if line[2] != "signed in"]
    assert found == [
        (email_of("director"), "director", "read it", document_id, "done"),
        (email_of("legal"), "legal", "read it as JSON", document_id, "done"),
        (
            email_of("process-owner"),
            "process-owner",
            "read a letter",
            f"{document_id}/letters/conditional-acceptance",
            "done",
        ),
    ]


@pytest.mark.requirement("NIST AU-12", "NIST AU-2")
@pytest.mark.parametrize("heads", [{}, {"HX-Request": "true"}], ids=["page", "fragment"])
def test_every_address_of_an_application_leaves_a_line(house: House, heads: dict[str, str]) -> None:
    """Read from the map of addresses: a new one that shows an application and does not say so fails here."""
    document = house.application_before("sign-mou")
    client = house.client("process-manager")
    values = {"document_id": document["id"], "step_key": "delay-opinion", "name": "mou", "sha256": "0" * 64}
    rules = [
        rule
        for rule in house.app.url_map.iter_rules()
        if "document_id" in rule.arguments and "GET" in (rule.methods or ())
    ]
    assert len(rules) >= 5
    for rule in rules:
        with house.app.test_request_context():
            adapter = house.app.create_url_adapter(None) or house.app.url_map.bind("127.0.0.1")
            address = adapter.build(rule.endpoint, {key: values[key] for key in rule.arguments})
        before = len(lines(house))
        status = client.get(address, headers=heads).status_code
        new = since(house, before)
        assert len(new) == 1, f"{address}: {status}, {new}"
        assert new[0][3].startswith(document["id"]), f"{address}: {new}"
        assert new[0][4] == ("done" if status == 200 else "refused"), f"{address}: {status}, {new}"


def refused(
    house: House, role: str, how: str, address: str, status: int, county: str = "Kern", **data: Any
) -> tuple[str, ...]:
    """The one line that a refusal leaves."""
    client: Any = house.client(role, county)
    before = len(lines(house))
    answer = client.open(address, method=how, data=data, content_type="multipart/form-data" if data else None)
    assert answer.status_code == status, f"{how} {address}: {answer.status_code}"
    found = [line for line in since(house, before) if not line[2].startswith("read it at ")]  # the form shows it again
    assert len(found) == 1, found
    return found[0]


@pytest.mark.requirement("ASVS 16.3.2", "NIST AU-12", "NIST AU-2")
def test_every_refusal_is_logged_once(house: House) -> None:
    document_id = house.application_before("sign-mou")["id"]
    step = f"/applications/{document_id}/steps"
    token = house.client("requestor").page("/account").fields()["csrf_token"]
    legal = house.client("legal").page("/account").fields()["csrf_token"]
    requestor, director = email_of("requestor"), email_of("director", "Alameda")
    assert refused(house, "", "POST", step + "/decide", 401) == ("", "", "send decide", document_id, "refused")
    assert refused(house, "", "GET", "/tracking", 302) == ("", "", "open tracking.tracking", "", "refused")
    assert refused(house, "requestor", "GET", "/tracking", 403) == (
        requestor,
        "requestor",
        "open tracking.tracking",
        "",
        "refused",
    )
    assert refused(house, "requestor", "GET", step + "/decide", 403) == (
        requestor,
        "requestor",
        "open decide",
        document_id,
        "refused",
    )
    assert refused(house, "director", "GET", f"/applications/{document_id}", 404, "Alameda") == (
        director,
        "director",
        "open applications.application",
        document_id,
        "refused",
    )
    assert refused(house, "requestor", "GET", f"/applications/{document_id}/letters/none", 404)[4] == "refused"
    assert refused(house, "requestor", "POST", step + "/sign-mou", 400) == (
        requestor,
        "requestor",
        "send sign-mou",
        document_id,
        "refused",
    )
    assert refused(house, "legal", "POST", step + "/legal-opinion", 409, csrf_token=legal)[2:] == (
        "send legal-opinion",
        document_id,
        "refused",
    )
    paper = {"csrf_token": token, "version": "11", "confirm": "yes", "method": "scan"}
    file = {"signed_mou": (__file__, "mou.pdf")}
    part = f'--x\r\nContent-Disposition: form-data; name="note"\r\n\r\n{"x" * 3_000_000}\r\n--x--\r\n'
    answer = house.client("requestor").post(
        step + "/sign-mou", data=part.encode(), content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code == 413
    assert since(house, len(lines(house)) - 1)[0][2:] == ("send sign-mou", document_id, "refused")
    assert refused(house, "requestor", "POST", step + "/sign-mou", 415, **paper, **file)[2:] == (
        "send a file",
        document_id,
        "refused",
    )
    assert refused(house, "requestor", "POST", step + "/sign-mou", 422, csrf_token=token)[2:] == (
        "send sign-mou",
        document_id,
        "failed",
    )


@pytest.mark.requirement("ASVS 16.3.1", "NIST AU-12", "NIST AU-2")
def test_signing_in_and_its_failures_are_logged(house: House) -> None:
    client = PortalClient(house.app, use_cookies=True)
    email, token = email_of("iso"), client.page("/sign-in").fields()["csrf_token"]
    before = len(lines(house))
    for password in ("wrong", "third-party-access"):
        client.post("/sign-in", data={"email": email, "password": password, "csrf_token": token})
    client.post("/sign-out", data={"csrf_token": client.page("/account").fields()["csrf_token"]})
    assert since(house, before) == [
        (email, "iso", "tried to sign in", "", "failed"),
        (email, "iso", "signed in", "", "done"),
        (email, "iso", "signed out", "", "done"),
    ]
    line = lines(house)[-1]
    assert (line["where"], bool(line["request_id"]), line["at"][-1]) == ("127.0.0.1", True, "Z")


@pytest.mark.requirement("NIST AU-12", "NIST AU-2")
def test_what_is_changed_is_logged_when_it_begins_and_when_it_is_done(house: House) -> None:
    client = house.client("portal-administrator")
    sent = {**client.page("/people/new").fields(), "name": "Zo", "email": "zo@kern.example", "role": "legal"}
    before = len(lines(house))
    client.post_form("/people/new", sent, 200)
    admin = email_of("portal-administrator")
    said = (admin, "portal-administrator", "add a person", "zo@kern.example")
    assert since(house, before) == [(*said, "begun"), (*said, "done")]
    client.post_form("/people/new", sent, 422)
    assert since(house, before)[2:] == [(*said, "begun"), (*said, "failed")]


@pytest.mark.requirement("NIST AU-12", "NIST AU-2")
def test_what_a_command_does_is_logged(house: House) -> None:
    app: Flask = house.app
    before = len(lines(house))
    for arguments in (["daily"], ["backup", str(house.portal.settings.data / "b.tar.gz")]):
        with app.app_context():
            assert app.test_cli_runner().invoke(args=arguments).exit_code == 0
    assert [line[2:] for line in since(house, before)] == [
        ("run the daily work", "", "begun"),
        ("sign a checkpoint of the log", "", "done"),
        ("run the daily work", "", "done"),
        ("make a backup", "b.tar.gz", "begun"),
        ("make a backup", "b.tar.gz", "done"),
    ]
    assert {line["where"] for line in lines(house)[before:]} == {"command line", "the portal itself"}
