"""Sessions: ended on the server by idleness, by age and by signing out, for copies of their cookie too [O8.2]."""

import secrets
from pathlib import Path

import pytest
from flask import Flask

from portal.people.rules import NOTICE
from portal.process.step import Grant
from portal.settings import SettingError, Settings
from portal.store.errors import Unavailable
from tests.clients import Page, PortalClient
from tests.people.premises import GOOD, KERN, Clock, browser, confirm_rules, open_portal, parts

pytestmark = pytest.mark.process("O8.2")

REA = "rea@kern.example"
OPEN = "third-party-access"
SECURE = "__Host-third-party-access"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(tmp_path: Path, clock: Clock) -> Flask:
    """The demo, over plain http, with one account."""
    app = open_portal(tmp_path, clock, demo=True)
    parts(app).people.add(REA, "Rea", KERN, password=GOOD)
    return app


@pytest.fixture(params=["tinydb", "postgresql"])
def app_on_each_store(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Flask:
    """As `app`, once on each store."""
    store = "tinydb:" if request.param == "tinydb" else request.getfixturevalue("postgres_server").new_database()
    app = open_portal(tmp_path, clock, demo=True, store=store)
    parts(app).people.add(REA, "Rea", KERN, password=GOOD)
    return app


def sign_in(client: PortalClient, email: str = REA, password: str = GOOD, status: int = 303) -> Page:
    return client.send("/sign-in", {"email": email, "password": password}, status)


def sign_out(client: PortalClient) -> None:
    client.post("/sign-out", data={"csrf_token": client.page("/account").fields()["csrf_token"]})


def copy_of(app: Flask, client: PortalClient, name: str = OPEN) -> PortalClient:
    """Another browser with a copy of this one's cookie, as it is now."""
    thief, cookie = browser(app), client.get_cookie(name)
    assert cookie is not None
    thief.set_cookie(name, cookie.value)
    return thief


def cookie_set(page: Page, name: str) -> set[str]:
    line = next(line for line in page.response.headers.getlist("Set-Cookie") if line.startswith(f"{name}="))
    return set(line.split("; ")[1:])


@pytest.mark.requirement("ASVS 3.3.1", "ASVS 3.3.2", "ASVS 3.3.3", "ASVS 3.3.4", "NIST SC-23", "NIST SC-8")
def test_over_https_the_cookie_is_bound_to_the_host_and_for_the_server_alone(tmp_path: Path, clock: Clock) -> None:
    strict = open_portal(tmp_path, clock, base_url="https://portal.example")
    parts(strict).people.add(REA, "Rea", KERN, password=GOOD)
    # No Expires: it ends with the browser. No Domain, Path=/ and Secure: what the prefix asks for.
    assert cookie_set(sign_in(browser(strict)), SECURE) == {"HttpOnly", "SameSite=Lax", "Secure", "Path=/"}


def test_over_plain_http_the_cookie_has_its_plain_name(app: Flask) -> None:
    assert cookie_set(sign_in(browser(app)), OPEN) == {"HttpOnly", "SameSite=Lax", "Path=/"}


@pytest.mark.requirement("ASVS 7.2.4", "NIST SC-23")
def test_signing_in_begins_a_new_session_with_a_new_word_and_a_new_token(app: Flask) -> None:
    client = browser(app)
    before = client.page("/sign-in").fields()["csrf_token"]
    with client.session_transaction() as session:
        session["planted"], session["session_id"] = "by somebody else", "a word that somebody else knows"
    sign_in(client)
    with client.session_transaction() as session:
        assert "planted" not in session
        assert len(session["session_id"]) == 43  # 256 bits
    assert client.post("/account", data={"csrf_token": before, "name": "Rea"}).status_code == 400


@pytest.mark.requirement("ASVS 7.2.4", "NIST SC-23")
def test_signing_in_anew_ends_the_session_before(app: Flask) -> None:
    client = browser(app)
    sign_in(client)
    thief = copy_of(app, client)
    thief.page("/inbox")
    with client.session_transaction() as session:
        session.pop("_user_id")  # so that the form is shown; the session that the cookie names is still there
    sign_in(client)
    thief.page("/inbox", 302)
    client.page("/inbox")


@pytest.mark.requirement("NIST SC-23")
def test_the_store_keeps_no_word_that_opens_a_session(app: Flask, tmp_path: Path) -> None:
    client = browser(app)
    sign_in(client)
    with client.session_transaction() as session:
        word = session["session_id"].encode()
    kept = [file.read_bytes() for file in (tmp_path / "records" / "sessions").iterdir()]
    assert len(kept) == 1
    assert not any(word in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


@pytest.mark.requirement("ASVS 7.2.1", "ASVS 7.3.1", "NIST AC-11", "NIST AC-12")
def test_a_session_ends_thirty_minutes_after_the_last_page(app_on_each_store: Flask, clock: Clock) -> None:
    client = browser(app_on_each_store)
    sign_in(client)
    for _ in range(3):
        clock.move(minutes=29)
        client.page("/inbox")
    clock.move(minutes=30)
    client.page("/inbox", 302)
    assert "30 minutes" in client.page("/sign-in").text


@pytest.mark.requirement("ASVS 7.2.1", "ASVS 7.3.1", "NIST AC-11", "NIST AC-12")
def test_idleness_is_judged_by_the_servers_record_and_not_by_the_cookie(app: Flask, clock: Clock) -> None:
    client = browser(app)
    sign_in(client)
    thief = copy_of(app, client)
    clock.move(minutes=20)
    client.page("/inbox")
    clock.move(minutes=20)
    thief.page("/inbox")  # the same session, which its owner used meanwhile
    clock.move(minutes=30)
    fresh = copy_of(app, client)
    for one in (client, thief, fresh):
        one.page("/inbox", 302)


@pytest.mark.requirement("ASVS 7.3.2", "NIST AC-12")
def test_a_session_ends_twelve_hours_after_it_began(app_on_each_store: Flask, clock: Clock) -> None:
    client = browser(app_on_each_store)
    sign_in(client)
    for _ in range(35):
        clock.move(minutes=20)
        client.page("/inbox")
    clock.move(minutes=20)
    client.page("/inbox", 302)


@pytest.mark.requirement("ASVS 7.3.1", "ASVS 7.3.2", "NIST AC-12")
def test_both_times_are_settings(tmp_path: Path, clock: Clock) -> None:
    app = open_portal(tmp_path, clock, demo=True, session_idle_minutes=10, session_hours=1)
    parts(app).people.add(REA, "Rea", KERN, password=GOOD)
    client = browser(app)
    sign_in(client)
    clock.move(minutes=10)
    client.page("/inbox", 302)
    sign_in(client)
    for _ in range(7):
        clock.move(minutes=8)
        client.page("/inbox")
    clock.move(minutes=4)
    client.page("/inbox", 302)


@pytest.mark.requirement("ASVS 7.3.1", "ASVS 7.3.2", "NIST AC-12")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORTAL_SESSION_IDLE_MINUTES", "0"),
        ("PORTAL_SESSION_IDLE_MINUTES", "600"),
        ("PORTAL_SESSION_HOURS", "48"),
        ("PORTAL_SIGN_IN_TRIES", "0"),
        ("PORTAL_SIGN_IN_WAIT_MINUTES", "-5"),
    ],
)
def test_a_time_or_number_that_protects_nobody_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name):
        Settings.from_environment({"PORTAL_SECRET_KEY": secrets.token_hex(32), name: value})


def test_a_page_that_asks_by_itself_keeps_no_session_alive(app: Flask, clock: Clock) -> None:
    client = browser(app)
    sign_in(client)
    assert '"X-By-Itself": "yes"' in client.page("/inbox").text  # the inbox looks for new tasks every minute
    for _ in range(5):
        clock.move(minutes=5)
        assert client.get("/inbox", headers={"X-By-Itself": "yes", "HX-Request": "true"}).status_code == 200
    clock.move(minutes=5)
    assert client.get("/inbox", headers={"X-By-Itself": "yes", "HX-Request": "true"}).status_code == 401


def test_the_page_says_until_when_and_can_ask_and_stay(app: Flask, clock: Clock) -> None:
    client = browser(app)
    sign_in(client)
    page = client.page("/inbox")
    assert "signed in until November 23, 2026, 9:30 am" in page.words("//footer")
    assert page.tree is not None
    assert page.tree.xpath("//dialog/@data-seconds-left") == ["1800"]
    clock.move(minutes=26)
    asked = client.get("/account/session", headers={"X-By-Itself": "yes"}).get_json()
    assert asked == {"seconds_left": 240, "can_be_prolonged": True}
    told = client.post(
        "/account/session",
        data={"csrf_token": client_token(client)},
        headers={"Accept": "application/json", "X-By-Itself": "yes"},
    )
    assert told.get_json() == {"seconds_left": 1800, "can_be_prolonged": True}
    clock.move(minutes=29)
    client.page("/inbox")


def client_token(client: PortalClient) -> str:
    """The token against cross-site requests, without counting as a page."""
    found = client.get("/account", headers={"X-By-Itself": "yes"})
    return str(Page(found).fields()["csrf_token"])


@pytest.mark.requirement("ASVS 7.3.2", "NIST AC-12")
def test_what_ends_by_age_is_not_prolonged(app: Flask, clock: Clock) -> None:
    client = browser(app)
    sign_in(client)
    for _ in range(28):
        clock.move(minutes=25)
        client.page("/inbox")
    clock.move(minutes=16)
    asked = {"seconds_left": 240, "can_be_prolonged": False}
    assert client.get("/account/session").get_json() == asked
    told = client.post(
        "/account/session", data={"csrf_token": client_token(client)}, headers={"Accept": "application/json"}
    )
    assert told.get_json() == asked


@pytest.mark.requirement("ASVS 7.4.1", "NIST AC-12", "NIST SC-23")
def test_a_copy_of_the_cookie_is_worth_nothing_once_its_owner_signed_out(app_on_each_store: Flask) -> None:
    client = browser(app_on_each_store)
    sign_in(client)
    thief = copy_of(app_on_each_store, client)
    thief.page("/inbox")
    sign_out(client)
    line = parts(app_on_each_store).log.newest()
    assert line is not None
    assert line["did"] == "signed out"
    client.page("/inbox", 302)
    thief.page("/inbox", 302)
    line = parts(app_on_each_store).log.newest()
    assert line is not None
    assert (line["did"], line["outcome"]) == ("open inbox.inbox", "refused")


def test_noting_the_use_of_a_session_does_not_bring_back_one_that_was_ended(app: Flask, clock: Clock) -> None:
    sessions = parts(app).people.sessions
    word = sessions.begin(REA, "mark", notice=NOTICE.sha256)
    found = sessions.find(word)
    assert found is not None
    clock.move(minutes=5)
    sessions.end(found)
    sessions.note_use(found)
    assert sessions.find(word) is None


def test_a_sessions_use_is_written_once_a_minute_at_most(app: Flask, clock: Clock) -> None:
    sessions = parts(app).people.sessions
    word = sessions.begin(REA, "mark", notice=NOTICE.sha256)

    def revision_after(seconds: float) -> int:
        clock.move(seconds=seconds)
        found = sessions.find(word)
        assert found is not None
        return sessions.note_use(found).revision

    assert [revision_after(seconds) for seconds in (1, 58, 1, 59, 1)] == [1, 1, 2, 2, 3]


def test_a_store_that_cannot_be_written_ends_no_session(
    app: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = parts(app).people.sessions
    word = sessions.begin(REA, "mark", notice=NOTICE.sha256)
    clock.move(minutes=5)
    found = sessions.find(word)
    assert found is not None

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("os.fsync", full)
        assert sessions.note_use(found) == found
        with pytest.raises(Unavailable):
            parts(app).store.put_record("anything", "at-all", {})
    assert sessions.find(word) is not None


def test_signing_out_on_one_machine_leaves_the_other_signed_in(app: Flask) -> None:
    here, there = browser(app), browser(app)
    sign_in(here)
    sign_in(there)
    sign_out(here)
    there.page("/inbox")


def test_one_signs_out_everywhere_else_and_stays_here(app: Flask) -> None:
    here, there, elsewhere = browser(app), browser(app), browser(app)
    sign_in(there)
    sign_in(elsewhere)
    client = here
    client.environ_base["HTTP_USER_AGENT"] = "Netscape <4>"
    sign_in(client)
    page = client.page("/account")
    assert page.text.count("127.0.0.1") >= 3
    assert "Netscape &lt;4&gt;" in page.text
    client.post_form("/account/sessions/end", {"csrf_token": page.fields()["csrf_token"]}, 303)
    there.page("/inbox", 302)
    elsewhere.page("/inbox", 302)
    client.page("/inbox")


@pytest.mark.requirement("ASVS 7.4.3", "NIST AC-12")
def test_a_new_password_ends_every_other_session(app_on_each_store: Flask) -> None:
    here, there = browser(app_on_each_store), browser(app_on_each_store)
    sign_in(here)
    sign_in(there)
    new = "another good password"
    here.send("/account/password", {"old_password": GOOD, "password": new, "password_again": new})
    here.page("/inbox")
    there.page("/inbox", 302)


def test_ones_own_session_goes_on_after_a_new_password_by_another_word(app: Flask, clock: Clock) -> None:
    client, new = browser(app), "another good password"
    sign_in(client)
    thief = copy_of(app, client)
    clock.move(minutes=10)
    client.send("/account/password", {"old_password": GOOD, "password": new, "password_again": new})
    client.page("/inbox")
    thief.page("/inbox", 302)
    [(_, kept)] = parts(app).store.records("sessions")
    assert kept["began_at"] == "2026-11-23T17:00:00Z"  # no younger for that


@pytest.mark.requirement("ASVS 7.4.2", "NIST AC-12", "NIST AC-2")
def test_one_whose_account_is_closed_is_out_at_once(app_on_each_store: Flask) -> None:
    client = browser(app_on_each_store)
    sign_in(client)
    parts(app_on_each_store).people.deactivate(REA)
    client.page("/inbox", 302)
    sign_in(client, status=422)


@pytest.mark.requirement("ASVS 7.4.2", "NIST AC-12", "NIST AC-2")
def test_a_session_from_before_an_account_was_closed_does_not_come_back_when_it_is_open_again(
    app_on_each_store: Flask,
) -> None:
    app = app_on_each_store
    client, other = browser(app), browser(app)
    sign_in(client)
    parts(app).people.add("other@kern.example", "Other", KERN, password=GOOD)
    other.send("/sign-in", {"email": "other@kern.example", "password": GOOD})
    parts(app).people.deactivate(REA.upper())
    parts(app).people.reactivate(REA)
    client.page("/inbox", 302)
    other.page("/inbox")
    sign_in(client)
    client.page("/inbox")


def test_with_a_log_that_cannot_be_written_one_is_signed_out_all_the_same(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser(app)
    sign_in(client)
    copy, token = copy_of(app, client), client_token(client)

    def fails(*_: object, **__: object) -> None:
        raise Unavailable("the access log cannot be written")

    with monkeypatch.context() as broken:
        broken.setattr(parts(app).log, "write", fails)
        assert client.post("/sign-out", data={"csrf_token": token}).status_code == 503
    for one in (client, copy):
        one.page("/inbox", 302)


@pytest.mark.requirement("ASVS 8.3.2", "NIST AC-2")
def test_a_role_that_is_withdrawn_is_gone_with_the_next_click_and_one_that_is_given_is_there(
    app_on_each_store: Flask,
) -> None:
    people, iso = parts(app_on_each_store).people, Grant("iso")
    client = browser(app_on_each_store)
    sign_in(client)
    client.page("/access-log", 403)
    people.grant(REA, iso)
    assert "/access-log" in client.page("/inbox").links("//nav")
    client.page("/access-log")
    people.withdraw(REA, iso)
    client.page("/access-log", 403)
    assert "/access-log" not in client.page("/inbox").links("//nav")
    people.withdraw(REA, KERN)
    client.page("/colleagues", 403)


def test_sessions_that_are_over_are_forgotten_in_time(app: Flask, clock: Clock) -> None:
    client = browser(app)
    sign_in(client)
    clock.move(minutes=20)
    other = browser(app)
    sign_in(other)
    clock.move(minutes=15)
    people = parts(app).people
    assert people.sessions.forget_old() == 1
    other.page("/inbox")


@pytest.mark.requirement("NIST AC-8")
def test_the_session_remembers_which_notice_was_acknowledged(tmp_path: Path, clock: Clock) -> None:
    strict = open_portal(tmp_path, clock, base_url="https://portal.example")
    parts(strict).people.add(REA, "Rea", KERN, password=GOOD)
    confirm_rules(strict, REA)
    page = browser(strict).page("/sign-in")
    assert "Use is monitored and recorded" in page.words("//main")
    for penalty in ("dismissal", "7213", "7213A", "7431", "502"):
        assert penalty in page.words("//section[@class='notice']")
    assert page.words("//main//button") == "I understand: sign in"
    sign_in(browser(strict))
    [(_, kept)] = parts(strict).store.records("sessions")
    assert kept["notice"] == NOTICE.sha256
