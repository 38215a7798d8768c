"""What every answer carries, and what no request gets out of the portal or into it."""

import http.client
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal.demo import PASSWORD
from portal.request_limits import LARGEST_WITHOUT_FILES
from portal.security_headers import HEADERS, POLICY, POLICY_OF_FILES
from portal.store.errors import Unavailable
from tests.clients import PortalClient
from tests.conftest import House, email_of
from tests.people.premises import GOOD, Clock, browser, open_portal
from tests.policy.every_route import ROLES, an_accepted_application_with_a_paper, ways
from tests.web.asking import kept_in, posted, token_of, upload

MakeHouse = Callable[..., House]

COOKIES = ("third-party-access", "__Host-third-party-access")
"""What the session's cookie is called, over http and over https."""


def is_hardened(answer: TestResponse, over_https: bool = False) -> None:
    """Whether an answer says to the browser all that it should."""
    headers = answer.headers
    is_file = headers.get("Content-Disposition", "").startswith("attachment")
    assert headers["Content-Security-Policy"] == (POLICY_OF_FILES if is_file else POLICY)
    assert {name: headers.get(name) for name in HEADERS} == HEADERS
    assert ("Strict-Transport-Security" in headers) == over_https
    if answer.request.path.startswith("/static/"):
        assert "no-store" not in headers.get("Cache-Control", "")
    else:
        assert headers["Cache-Control"] == "no-store"
    assert not any("\n" in value or "\r" in value for value in headers.values())


@pytest.mark.requirement("ASVS 3.4.3", "NIST SC-18")
def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    allowed = dict(part.split(" ", 1) for part in POLICY.split("; "))
    assert allowed.pop("default-src") == "'none'"
    assert allowed.pop("frame-ancestors") == "'none'"
    assert allowed.pop("base-uri") == "'none'"
    assert set(allowed.values()) == {"'self'"}
    assert "sandbox" in POLICY_OF_FILES.split("; ")


@pytest.mark.requirement(
    "ASVS 14.3.2", "ASVS 3.4.3", "ASVS 3.4.4", "ASVS 3.4.5", "ASVS 3.4.6", "ASVS 3.4.8", "NIST SC-18"
)
@pytest.mark.process("O8.2")
def test_every_answer_of_every_route_is_hardened_fragments_and_errors_too(house: House) -> None:
    document, sha256 = an_accepted_application_with_a_paper(house)
    for role in ("", "process-manager", "requestor", "portal-administrator", "iso"):
        client = house.client(role)
        for way in ways(house, document["id"], sha256):
            for headers in ({}, {"HX-Request": "true"}):
                is_hardened(client.open(way.address, method=way.method, headers=headers, buffered=True))
        for address in ("/nowhere", "/static/nowhere.css", "/applications/TPA-2026-9999", "/inbox/", "//nowhere"):
            is_hardened(client.get(address, buffered=True))
        for method in ("HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "FOO"):
            is_hardened(client.open("/inbox", method=method))


@pytest.mark.requirement("ASVS 16.5.1", "NIST SI-11")
def test_an_error_tells_nothing_of_the_inside(house: House) -> None:
    def broken() -> str:
        raise ZeroDivisionError("a secret in /srv/portal/data")

    def away() -> str:
        raise Unavailable("/srv/portal/data cannot be written: disk full at psycopg 3.3")

    house.app.add_url_rule("/broken", "public.start")
    for view, status in ((broken, 500), (away, 503)):
        house.app.view_functions["public.start"] = view
        for headers in ({}, {"HX-Request": "true"}):
            answer = house.client("").get("/broken", headers=headers)
            assert answer.status_code == status
            is_hardened(answer)
            told = f"{answer.headers}{answer.get_data(as_text=True)}"
            for word in (
                "srv",
                "secret",
                "ZeroDivision",
                "psycopg",
                "Unavailable",
                "Traceback",
                "python",
                "flask",
                "werkzeug",
            ):
                assert word.lower() not in told.lower(), word


@pytest.mark.requirement("ASVS 3.5.3")
def test_nothing_changes_on_a_method_that_is_safe_and_no_other_method_is_taken(house: House) -> None:
    document, sha256 = an_accepted_application_with_a_paper(house)
    found = ways(house, document["id"], sha256)
    clients = [house.client(role) for role in ("", "requestor", "portal-administrator", "process-manager")]
    tokens = {client: token_of(client) for client in clients}
    before = kept_in(house.portal.settings.data, "log", "lock")
    assert {way.method for way in found} == {"GET", "POST"}
    for client in clients:
        for way in found:
            safe = ("HEAD", "OPTIONS") if way.method == "GET" else ("OPTIONS",)
            for other in (*safe, "PUT", "DELETE", "TRACE", "FOO"):
                sent = {"csrf_token": tokens[client], "confirm": "yes"}
                answer = client.open(way.address, method=other, data=sent, buffered=True)
                assert answer.status_code == 405 or other in safe, (other, way.address)
            if way.method == "POST":
                client.post(way.address, data={"confirm": "yes"}, headers={"HX-Request": "true"}, buffered=True)
    assert kept_in(house.portal.settings.data, "log", "lock") == before


# The name that the portal is called by


@pytest.fixture
def strict(tmp_path: Path) -> Flask:
    """The portal outside the demo, reached as https://portal.example."""
    return open_portal(tmp_path / "strict", Clock(), base_url="https://portal.example")


NAMES = [
    "evil.example",
    "portal.example.evil.example",
    "evil.example:443",
    "xportal.example",
    "portal.example@evil.example",
    "",
    "a b",
]


@pytest.mark.requirement("NIST SI-10")
@pytest.mark.parametrize("name", NAMES)
def test_under_another_name_nothing_is_answered(strict: Flask, name: str) -> None:
    for method, address in (
        ("GET", "/"),
        ("GET", "/inbox"),
        ("POST", "/sign-in"),
        ("GET", "/static/portal.css"),
        ("GET", "//x"),
    ):
        answer = PortalClient(strict).open(address, method=method, headers={"Host": name}, buffered=True)
        assert answer.status_code == 400
        is_hardened(answer, over_https=True)
        assert "evil" not in answer.headers.get("Location", "")
        assert "evil" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "name", ["portal.example", "PORTAL.example", "portal.example:443", "127.0.0.1:8000", "localhost"]
)
def test_under_its_own_name_it_answers(strict: Flask, name: str) -> None:
    assert PortalClient(strict).get("/", headers={"Host": name}).status_code == 200


@pytest.mark.requirement("NIST SI-10")
def test_links_and_ways_on_never_come_from_the_request(house: House) -> None:
    headers = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "Forwarded": "host=evil.example",
    }
    client = house.client("portal-administrator")
    for address in ("/inbox", "/people", "/sign-in?next=/inbox", "/invitation/x"):
        answer = house.client("").get(address, headers=headers)
        assert "evil.example" not in f"{answer.headers}{answer.get_data(as_text=True)}"
    new = {"name": "New", "email": "new@kern.example", "role": "legal", "lcsa": ""}
    sent = {"csrf_token": token_of(client), **new}
    cookies = [cookie for cookie in (client.get_cookie(name) for name in COOKIES) if cookie]
    headers["Cookie"] = "; ".join(f"{cookie.key}={cookie.value}" for cookie in cookies)
    assert PortalClient(house.app, use_cookies=False).post("/people/new", data=sent, headers=headers).status_code == 200
    [mail] = house.portal.mail.waiting()
    record = house.portal.store.get_record("mail", mail.key)
    assert record is not None
    assert "http://127.0.0.1:8000/invitation/" in record["text"]
    assert "evil" not in record["text"]


@pytest.mark.requirement("ASVS 3.4.1", "NIST SC-8")
def test_browsers_are_held_to_https_where_the_portal_is_reached_so(strict: Flask, tmp_path: Path) -> None:
    for headers in ({}, {"X-Forwarded-Proto": "http"}):
        is_hardened(browser(strict).get("/", headers=headers), over_https=True)
    plain = open_portal(tmp_path / "plain", Clock())
    is_hardened(PortalClient(plain).get("/", headers={"X-Forwarded-Proto": "https"}), over_https=False)


# How much is taken


@pytest.mark.requirement("ASVS 5.2.1", "NIST SC-5")
def test_a_page_that_takes_no_file_takes_no_large_request(house: House) -> None:
    requestor = house.client("requestor")
    for address in ("/account", "/colleagues", "/sign-in"):
        answer = posted(requestor, address, {"name": "Rea"}, picture=upload(bytes(LARGEST_WITHOUT_FILES)))
        assert answer.status == 413, address
        is_hardened(answer.response)
    house.client("").get("/sign-in")
    assert house.client("").post("/sign-in", data=b"x" * (LARGEST_WITHOUT_FILES + 1)).status_code in (400, 413)


# The demo's accounts


def everybody() -> Iterator[str]:
    for role in ROLES:
        yield email_of(role)


@pytest.mark.requirement("ASVS 6.3.2", "NIST IA-5")
@pytest.mark.process("O8.2")
def test_the_demos_accounts_open_nothing_on_the_same_data_with_the_demo_off(make_house: MakeHouse) -> None:
    demo = make_house()
    session = demo.client("process-owner")
    people = demo.portal.people
    token = people.invite("guest@demo.example", "Guest", people.require(email_of("director")).grants[0])
    people.accept(token, "Guest", GOOD)
    [cookie] = [cookie for cookie in map(session.get_cookie, COOKIES) if cookie]
    real = make_house(demo=False)
    for email, password in {**dict.fromkeys(everybody(), PASSWORD), "guest@demo.example": GOOD}.items():
        given = {"email": email, "password": password}
        assert posted(PortalClient(demo.app, use_cookies=True), "/sign-in", given).status == 303, email
        assert posted(PortalClient(real.app, use_cookies=True), "/sign-in", given).status == 422, email
    client = PortalClient(real.app, use_cookies=True)
    client.set_cookie(cookie.key, cookie.value)
    assert client.get("/inbox").status_code == 302


# The servers


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of the portal as `make run` serves it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    root = Path(__file__).parents[2]
    environment = {"PORTAL_DEMO": "on", "PORTAL_DATA": str(tmp_path_factory.mktemp("served")), "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-m", "tools.serve", str(port)]
    with subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert "answers at" in server.stdout.readline()
        yield port
        server.terminate()


BAD = {
    "a header that is too long": b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 400_000 + b"\r\n\r\n",
    "a line without end": b"GET /" + b"x" * 400_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "a length that is none": b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "two lengths": b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a null byte": b"GET /%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "half a character": b"GET /%ff%fe?q=%ed%a0%80 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "a way up": b"GET /static/..%2f..%2f..%2fetc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
}


@pytest.mark.parametrize("what", BAD)
def test_the_server_says_no_more_than_that_it_does_not_understand(served: int, what: str) -> None:
    with socket.create_connection(("127.0.0.1", served), 10) as connection:
        connection.sendall(BAD[what])
        connection.shutdown(socket.SHUT_WR)
        told = b""
        with suppress(ConnectionResetError):  # it may hang up before all was sent
            while piece := connection.recv(65536):
                told += piece
    status = int(told.split(b" ", 2)[1]) if told else 400
    assert status < 500 or status == 501, told[:300]
    for word in (rb"^server:", b"waitress", b"traceback", b"site-packages", b"root:x"):
        assert not re.search(word, told, re.IGNORECASE | re.MULTILINE), (word, told[:500])


@pytest.mark.requirement("ASVS 13.4.6", "NIST SI-11")
def test_the_server_does_not_say_what_it_is(served: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served, timeout=10)
    for method, address in (("GET", "/"), ("GET", "/nowhere"), ("TRACE", "/"), ("GET", "/static/portal.css")):
        connection.request(method, address)
        answer = connection.getresponse()
        answer.read()
        assert answer.headers["Server"] is None
        assert answer.headers["Content-Security-Policy"]
    connection.close()


def test_the_server_answers_though_hundreds_keep_a_connection_open(served: int) -> None:
    with ExitStack() as open_ones:
        for _ in range(250):
            open_ones.enter_context(socket.create_connection(("127.0.0.1", served), 10))
        connection = http.client.HTTPConnection("127.0.0.1", served, timeout=10)
        connection.request("GET", "/health")
        assert connection.getresponse().status == 200
        connection.close()
