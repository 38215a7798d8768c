"""What a role may not see is in no answer: a canary in every answer of every step, looked for in the bytes of every answer.

And what a role may see, it gets: each canary that the policy's table shows is in the JSON.
"""

from collections import Counter
from collections.abc import Iterator
from email import policy as email_policy
from email.parser import BytesParser

import pytest
from werkzeug.test import TestResponse

from portal.notices import queueing
from portal.process.document import Json
from portal.process.policy_table import ANYBODY
from tests.clients import PortalClient
from tests.conftest import House, email_of
from tests.policy.canaries import Canaries, keep_draft
from tests.policy.every_route import ROLES, Way, neighbours, ways
from tests.web.asking import token_of

pytestmark = pytest.mark.process("O8.2")

HX = {"HX-Request": "true"}


def answers_of(
    house: House, client: PortalClient, document: Json, role: str, whole: bool = False
) -> Iterator[tuple[str, TestResponse]]:
    """Every answer that this browser can get: each page and file, as a fragment too, and each step sent from an old form.

    Unless it is to be the whole, only what lets the role in.
    """
    token = token_of(client)
    sha256 = next(iter(files_in(document)), "0" * 64)
    for way in ways(house, document["id"], sha256):
        if any(part in way.endpoint for part in ("sign_in", "static", "invitation", "forgotten")):
            continue  # nothing of an application is there to be asked for: the address names none
        if not whole and way.comes_in(role, sees=True) != 200:
            continue
        if way.method == "GET":
            for headers in ({}, HX):
                yield f"GET {way.address}", client.get(way.address, headers=headers, buffered=True)
        elif way.endpoint == "steps.take":
            sent = {"csrf_token": token, "version": "1", "confirm": "yes"}
            yield f"POST {way.address}", client.post(way.address, data=sent, buffered=True)
    for letter in {letter["name"]: letter for entry in document["history"] for letter in entry.get("letters", ())}:
        for asked in ("", "?preview"):
            address = f"/applications/{document['id']}/letters/{letter}{asked}"
            yield f"GET {address}", client.get(address, buffered=True)


def files_in(document: Json) -> list[str]:
    """The checksums of the papers that the document names."""
    users = document.get("certify_users", {}).get("users", [])
    return [user["statement"]["sha256"] for user in users if user.get("statement")]


def walk(canaries: Canaries, drafts: dict[str, str] | None = None, whole: bool = False) -> None:
    """Asks for everything as every role, and compares what comes out with what the policy's table says."""
    house, document = canaries.house, canaries.document
    published = canaries.readable(ANYBODY)
    for role in ROLES:
        may_read, client = canaries.readable(role), house.client(role)
        leaks: Counter[str] = Counter()
        for what, answer in answers_of(house, client, document, role, whole):
            assert answer.status_code < 500, (what, answer.get_data(as_text=True)[:400])
            leaked = canaries.found_in_answer(answer) - may_read - published
            leaks.update(f"{where_from(canaries, word)} in {what}" for word in leaked)
            for step, word in (drafts or {}).items():
                own = role == house.process.step(step).role and f"/steps/{step}" in what
                leaks.update(
                    [f"the draft of {step} in {what}"] if word.encode() in answer.get_data() and not own else []
                )
        assert leaks == {}, role
        assert_json_is_all_that_may_be_read(canaries, role, may_read)


def where_from(canaries: Canaries, word: str) -> str:
    """Which answers hold the canary: `legal-opinion/opinion_text`."""
    history = canaries.document["history"]
    return " and ".join(sorted({f"{history[seq - 1]['step']}/{name}" for seq, name in canaries.words[word]}))


def assert_json_is_all_that_may_be_read(canaries: Canaries, role: str, may_read: set[str]) -> None:
    """The JSON holds each canary that the role may read, and each answer by name, and no other."""
    house, document = canaries.house, canaries.document
    answer = house.client(role).get(f"/applications/{document['id']}.json")
    if role not in house.process.policy.seeing:
        assert answer.status_code == 404
        return
    missing = may_read - canaries.found_in(answer.get_data())
    assert {where_from(canaries, word) for word in missing} == set(), role
    whole = True
    for shown, entry in zip(answer.json["history"], document["history"], strict=True):
        names = house.process.policy.shown((role,), entry["step"], document, entry["answers"])
        assert set(shown["answers"]) == set(entry["answers"]) & names, (role, entry["step"])
        assert (shown["note"] != "") == ("note" in names and entry["note"] != ""), (role, entry["step"])
        assert ("letters" in shown) == ("letters" in entry and "letters" in names)
        assert shown["previous"] == (entry["previous"] if whole else None)
        whole = whole and house.process.policy.names_in(entry["step"]) <= names
        assert shown["hash"] == (entry["hash"] if whole else None), (role, entry["step"])
    kept_back = [entry["hash"] for entry, shown in zip(document["history"], answer.json["history"], strict=True) if not shown["hash"]]  # fmt: skip
    page = house.client(role).get(f"/applications/{document['id']}").get_data(as_text=True)
    assert not [one for one in kept_back if one[:16] in page or one in answer.get_data(as_text=True)]


def addressees(canaries: Canaries) -> dict[str, set[str]]:
    """Whoever can be mailed, with the roles as which they read: the portal's people, and whom the application names."""
    found = {email_of(role): {role} for role in ROLES}
    prefixes = {
        "identify_requestor": {"invitee": "requestor", "coordinator": "coordinator", "administrator": "administrator"},
        "complete_application": {"contact": "requestor", "mou_signer": "requestor"},
    }
    for entry in canaries.document["history"]:
        for prefix, role in prefixes.get(entry["step"].replace("-", "_"), {}).items():
            found.setdefault(entry["answers"][f"{prefix}_email"], set()).add(role)
    return found


def read_mail(canaries: Canaries, seen: set[str]) -> int:
    """Opens every mail that is new, its letters too: it holds nothing that those whom it goes to may not read now."""
    house = canaries.house
    queueing.queue_owed(house.portal)
    while house.portal.mail.deliver():
        pass
    known, new = addressees(canaries), 0
    for path in sorted((house.portal.settings.data / "outbox").glob("*.eml")):
        if path.name in seen:
            continue
        seen.add(path.name)
        new += 1
        mail = BytesParser(policy=email_policy.default).parsebytes(path.read_bytes())
        to = str(mail["To"].addresses[0].addr_spec)
        may_read = {word for role in known[to] for word in canaries.readable(role)}
        parts = [part.get_payload(decode=True) for part in mail.walk() if not part.is_multipart()]
        found = {word for part in [str(mail["Subject"]).encode(), *parts] for word in canaries.found_in(part)}
        assert {where_from(canaries, word) for word in found - may_read} == set(), (to, mail["Subject"])
        assert "{" not in str(mail["Subject"])
    return new


@pytest.mark.requirement("ASVS 8.2.3", "NIST AC-3", "NIST AC-6")
def test_an_answer_is_read_by_those_whom_the_policy_names_and_by_nobody_else(house: House) -> None:
    one, mails = Canaries(house), set[str]()
    one.take("identify-requestor")
    one.take("schedule-invitation", outcome="return")
    for step in ("identify-requestor", "schedule-invitation", "send-invitation", "complete-application"):
        one.take(step)
    one.take("route-application", outcome="return")
    for step in ("complete-application", "route-application", "delay-opinion"):
        one.take(step)
    assert read_mail(one, mails) > 5
    one.take("legal-opinion", opinion="clarification", delay_reason="purpose-unclear")
    draft = "qzdraftofclarifyzq"
    keep_draft(house, one.document_id, "clarify", {"clarification": f"A draft: {draft}"})
    walk(one, {"clarify": draft})
    one.take("clarify")
    one.take("legal-opinion")
    one.take("connectivity-test", result="does-not-connect")
    for step in ("connectivity-test", "send-to-owner", "delay-decision", "decide"):
        one.take(step)
    assert read_mail(one, mails) > 3
    walk(one)


@pytest.mark.requirement("ASVS 8.2.3", "NIST AC-3", "NIST AC-6")
def test_what_was_decided_and_signed_is_read_as_the_policy_says_and_by_nobody_from_elsewhere(house: House) -> None:
    one, mails = Canaries(house), set[str]()
    for step in ("identify-requestor", "schedule-invitation", "send-invitation", "complete-application"):
        one.take(step)
    for step in ("route-application", "legal-opinion", "connectivity-test", "send-to-owner", "decide"):
        one.take(step)
    for step in ("send-decision", "sign-mou", "return-mou", "sign-mou", "certify-users", "countersign-mou"):
        one.take(step)
    assert read_mail(one, mails) > 8
    for step in ("post-approval", "file-mou", "create-office-id", "evaluate-infrastructure", "direct-setup"):
        one.take(step)
    for step in ("set-up-accounts", "confirm-access"):
        one.take(step)
    assert read_mail(one, mails) > 5
    walk(one, whole=True)
    for role, client in neighbours(house):
        for what, answer in answers_of(house, client, one.document, role):
            assert one.found_in_answer(answer) <= one.readable(ANYBODY), (role, what)


@pytest.mark.parametrize("end", ["decide", "withdraw"])
def test_what_was_rejected_or_withdrawn_stays_to_those_who_could_read_it(house: House, end: str) -> None:
    one, mails = Canaries(house), set[str]()
    for step in ("identify-requestor", "schedule-invitation", "send-invitation", "complete-application"):
        one.take(step)
    if end == "withdraw":
        one.take("withdraw")
    else:
        for step in ("route-application", "legal-opinion", "connectivity-test", "send-to-owner"):
            one.take(step, **({"opinion": "not-authorized"} if step == "legal-opinion" else {}))
        one.take("decide", decision="reject")
        one.take("send-decision")
    assert read_mail(one, mails) > 5
    walk(one)


def every_step(ways_there_are: list[Way]) -> set[str]:
    """The steps that some address is about."""
    return {way.step for way in ways_there_are if way.step}


def test_the_walk_asks_for_every_step_and_every_way_there_is(house: House) -> None:
    found = ways(house, "TPA-2026-0001", "0" * 64)
    assert every_step(found) == {step.key for step in house.process.steps}
    assert {way.endpoint for way in found} == {rule.endpoint for rule in house.app.url_map.iter_rules()}
