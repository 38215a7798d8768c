"""Whatever is sent to whichever address, the portal answers for itself: never a 500, and nothing is damaged."""

import string
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.clients import Page, PortalClient
from tests.conftest import House
from tests.policy.every_route import ROLES, an_accepted_application_with_a_paper, ways
from tests.web.asking import token_of

NASTY = (
    b"", b"\0", b"a\0b", b"\xed\xa0\x80", b"\xff\xfe", b"\xc0\x80", "\u202egnp.exe".encode(), "\ufffe".encode(), b"\r\nSet-Cookie: a=b",
    b"x" * 70_000, b"9" * 5_000, b"-1", b"1e999", "٣".encode(), b"0x10", b"NaN", b"2026-02-30", b"0000-00-00", b"9999-12-31", b"1/1/1",
    b"=cmd|' /C calc'!A0", b"{{ 7*7 }}", b"{0.__class__}", b"%s%n%x", b"../../../etc/passwd", b"<script>alert(1)</script>", b"'; DROP TABLE x; --",
    b"[]", b"{}", b"null", b"true", b"yes", b"other", b"accept", b"scan", b"here", b"a@b.example", b"a@b", b"Kern", b"Kern IV-A", b"requestor",
    b"portal-administrator", b"process-manager", b"2026-11-20", b"1", b"3", b"(916) 555-0100", "Ünï “x”".encode(),
)  # fmt: skip
"""What people, programs and attackers put into fields; and words that are right in some field, so that others are reached."""

NAMES = (
    "name", "email", "title", "phone", "password", "password_again", "old_password", "code", "role", "lcsa", "organization", "second_factor",
    "next", "q", "from", "status", "seq", "preview", "who", "since", "until", "outcome", "note", "version", "confirm", "save", "add", "remove",
    "change", "draft_revision", "request_id", "converted_on", "attestation", "signature", "signed_on", "method", "signed_mou", "signed_mou-kept",
    "users", "users-0-name", "users-0-email", "users-0-statement", "users-0-statement-kept", "users-99999-name", "users-1-offered", "users-x-name",
    "organization_name", "organization_type", "invitee_email", "recommended_accounts", "invitation_date", "justification", "coordinator_email",
    "administrator_email", "invitee_name", "reason", "received_on", "__class__", "csrf_token", "",
)  # fmt: skip

KINDS = (
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "application/json",
    "text/plain",
    "multipart/form-data; boundary=",
    "x",
)

values = st.one_of(
    st.sampled_from(NASTY),
    st.binary(max_size=40),
    st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")),
)


def fields_of(names: tuple[str, ...]) -> st.SearchStrategy[list[tuple[str, bytes]]]:
    """Some fields of these names, and now and then of others, with anything in them."""
    named = st.one_of(st.sampled_from(names or NAMES), st.sampled_from(names or NAMES), st.sampled_from(NAMES))
    return st.lists(st.tuples(named, values), max_size=12)


in_a_header = st.text(
    string.printable.replace("\r", "").replace("\n", "").replace("\x0b", "").replace("\x0c", ""), max_size=60
)

BOUNDED = settings(
    max_examples=400,
    derandomize=True,
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


def as_sent(kind: str, pairs: list[tuple[str, bytes]]) -> tuple[bytes, str]:
    """The fields as a body of this kind, and its content type."""
    if kind == "multipart/form-data":
        parts = [
            b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value)
            for name, value in pairs
        ]
        return b"".join(parts) + b"--b--\r\n", "multipart/form-data; boundary=b"
    return urlencode(pairs, quote_via=quote_plus).encode(), kind


@pytest.fixture
def at_work(house: House) -> Iterator[House]:
    """A portal with an application on its way; whole before and after."""
    yield house
    assert list(house.portal.store.damaged()) == []


def everyone_with_a_door(house: House, method: str) -> list[tuple[PortalClient, str]]:
    document, sha256 = an_accepted_application_with_a_paper(house)
    found: list[tuple[PortalClient, str]] = []
    for way in ways(house, document["id"], sha256):
        # Of the steps, those who take them are enough; signing out would leave the others at the door.
        if way.method == method and way.endpoint not in ("sign_in.sign_out", "account.end_sessions"):
            inside = [role for role in ("", *ROLES) if way.comes_in(role, role != "portal-administrator") == 200]
            found += [(house.client(role), way.address) for role in (inside[:1] if way.step else inside)]
    return found


def names_on(client: PortalClient, address: str) -> tuple[str, ...]:
    """The names of the fields on the page at this address; none where there is no form for this person now."""
    page = Page(client.get(address, buffered=True))
    if page.status != 200 or page.tree is None:
        return ()
    return tuple(sorted({str(name) for name in page.tree.xpath("//main//form//@name")}))


@pytest.mark.requirement("ASVS 2.2.1", "ASVS 2.2.2", "NIST SI-10")
@pytest.mark.process("O8.2")
def test_no_form_is_brought_down_by_what_is_sent_to_it(at_work: House) -> None:
    found = everyone_with_a_door(at_work, "POST")
    director = at_work.client("director")
    found += [(director, "/applications/new")] * 8  # the longest form
    tokens = {client: token_of(client).encode() for client, _ in found}
    names = [names_on(client, address) for client, address in found]
    with_forms = [place for place, some in enumerate(names) if some]
    assert len(with_forms) > 20
    kinds = st.one_of(st.sampled_from(KINDS[:2]), st.sampled_from(KINDS[:2]), st.sampled_from(KINDS))
    places = st.one_of(st.sampled_from(with_forms), st.sampled_from(with_forms), st.sampled_from(range(len(found))))

    @BOUNDED
    @given(st.data(), places, kinds, st.booleans())
    def send(data: st.DataObject, which: int, kind: str, as_fragment: bool) -> None:
        client, address = found[which]
        pairs = data.draw(fields_of(names[which]))
        body, content_type = as_sent(kind, [*pairs, ("csrf_token", tokens[client])])
        headers = {"X-CSRFToken": tokens[client].decode(), **({"HX-Request": "true"} if as_fragment else {})}
        answer = client.post(address, data=body, content_type=content_type, headers=headers, buffered=True)
        assert answer.status_code < 500, (address, kind, pairs, answer.get_data(as_text=True)[:300])

    send()


@pytest.mark.requirement("ASVS 2.2.1", "ASVS 2.2.2", "NIST SI-10")
@pytest.mark.process("O8.2")
def test_no_page_is_brought_down_by_what_is_asked_of_it(at_work: House) -> None:
    found = everyone_with_a_door(at_work, "GET")
    names = st.sampled_from(("HX-Request", "HX-Target", "HX-Current-URL", "X-Forwarded-For", "X-Forwarded-Proto", "Cookie", "If-None-Match",
                             "If-Modified-Since", "Range", "Accept", "Accept-Language", "Referer", "Origin", "Content-Length", "User-Agent"))  # fmt: skip

    @BOUNDED
    @given(st.sampled_from(range(len(found))), fields_of(()), st.dictionaries(names, in_a_header, max_size=4))
    def ask(which: int, pairs: list[tuple[str, bytes]], headers: dict[str, Any]) -> None:
        client, address = found[which]
        headers.pop("Cookie" if "applications" in address else "", None)
        query = urlencode([(name, value[:2_000]) for name, value in pairs])
        answer = client.get(f"{address}?{query}", headers=headers, buffered=True)
        assert answer.status_code < 500, (address, query[:300], headers, answer.get_data(as_text=True)[:300])

    ask()


PATHS = (
    b"\0",
    b"\xff",
    b"\xed\xa0\x80",
    b"..",
    b"../..",
    b"%2e%2e%2f",
    b"x" * 5_000,
    b"a/b/c",
    b"\r\nX: y",
    "٣".encode(),
    b"'",
    b"{{7*7}}",
    b";",
    b"",
)


def test_no_address_is_brought_down_by_what_stands_in_it(house: House) -> None:
    document, _ = an_accepted_application_with_a_paper(house)
    for rule in house.app.url_map.iter_rules():
        for nasty in PATHS:
            part = "".join(f"%{byte:02x}" for byte in nasty)
            address = rule.rule
            for name in rule.arguments:
                converter = next(c for c in ("path:", "") if f"<{c}{name}>" in address)
                address = address.replace(
                    f"<{converter}{name}>",
                    document["id"] if name == "document_id" and len(rule.arguments) > 1 else part,
                )
            if not rule.arguments:
                address += part
            for role in ("", "portal-administrator" if "email" in rule.arguments else "process-manager"):
                answer = house.client(role).get(address, buffered=True)
                assert answer.status_code < 500, (role, address[:200])
