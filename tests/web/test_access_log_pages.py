"""The ISO's pages of the access log: what waits in the inbox, weeks signed off, unusual use looked at, checkpoints [O8.2]."""

import pytest

from portal.audit import Act, Outcome
from portal.audit.checkpoints import read
from portal.audit.unusual import MANY_REFUSALS
from tests.clients import Page, PortalClient
from tests.conftest import House, email_of

pytestmark = pytest.mark.process("O8.2")

IT = Act(email_of("legal"), "read it", "TPA-2026-0001", "legal")


def sign_off(client: PortalClient, since: str, note: str, status: int = 303) -> Page:
    address = f"/access-log/weeks/{since}"
    return client.post_form(address, {**client.page(address).fields(), "note": note}, status)


@pytest.mark.requirement("NIST AU-6")
def test_each_week_that_ended_is_a_task_until_it_is_signed_off(house: House) -> None:
    for _ in range(2):
        house.portal.log.write(IT)
        house.clock.pass_days(7)
    iso = house.client("iso")
    inbox = iso.page("/inbox")
    first, second = (f"/access-log/weeks/{since}" for since in ("2026-11-23", "2026-11-30"))
    assert [link for link in inbox.links() if "access-log" in link] == [first, second]
    assert "November 23 to November 29, 2026" in inbox.words("//main")
    page = iso.page(first)
    assert email_of("legal") in page.words("//main")
    sign_off(iso, "2026-11-23", "Nothing odd")
    assert [link for link in iso.page("/inbox").links() if "access-log" in link] == [second]
    listed = iso.page("/access-log/weeks").words("//main")
    assert f"By {email_of('iso')} on" in listed
    assert "Nothing odd" in listed
    [review] = house.portal.auditing.reviews.all()
    assert review.hash in iso.page(first).words("//main")
    [made] = house.portal.auditing.checkpoints.all()
    assert made.seq > review.up_to


def test_a_week_that_changed_after_its_page_was_drawn_is_not_signed_off(house: House) -> None:
    house.portal.log.write(IT)
    house.clock.pass_days(7)
    iso = house.client("iso")
    address = "/access-log/weeks/2026-11-23"
    drawn = iso.page(address).fields()
    house.clock.pass_days(-3)
    house.portal.log.write(IT)
    house.clock.pass_days(3)
    refused = iso.post_form(address, {**drawn, "note": "Fine"}, 409)
    assert "Lines came to this week" in refused.words("//main")
    assert house.portal.auditing.reviews.all() == []
    iso.post_form(address, {**refused.fields(), "note": "Fine"}, 303)
    assert iso.page(f"{address}x", 404)


@pytest.mark.requirement("NIST AU-6", "NIST SI-4")
def test_unusual_use_is_a_task_until_the_iso_says_what_it_was(house: House) -> None:
    for _ in range(MANY_REFUSALS):
        house.portal.log.write(IT, Outcome.REFUSED)
    house.portal.auditing.weeks.keep()
    iso = house.client("iso")
    assert "/access-log/unusual-use" in iso.page("/inbox").links()
    page = iso.page("/access-log/unusual-use")
    assert f"{MANY_REFUSALS} refused requests or failed sign-ins" in page.words("//main")
    assert "What it was" in iso.post_form("/access-log/unusual-use", page.fields(), 422).text
    iso.post_form("/access-log/unusual-use", {**page.fields(), "note": "A new colleague"}, 303)
    assert "/access-log/unusual-use" not in iso.page("/inbox").links()
    assert "A new colleague" in iso.page("/access-log/unusual-use").words("//main")
    iso.post_form("/access-log/unusual-use", {**page.fields(), "note": "Again"}, 409)


def test_checkpoints_are_shown_and_can_be_taken_away(house: House) -> None:
    made = house.portal.auditing.checkpoints.make()
    iso = house.client("iso")
    page = iso.page("/access-log/weeks")
    assert made.hash in page.words("//main")
    assert made.key in page.words("//main")
    assert read(iso.get("/access-log/checkpoints.jsonl").get_data(as_text=True)) == [made]


def test_a_damaged_log_is_the_first_thing_that_the_iso_is_told(house: House) -> None:
    house.portal.log.write(IT)
    iso = house.client("iso")
    [file] = (house.portal.settings.data / "access-log").iterdir()
    content = file.read_bytes()
    file.write_bytes(b"{" + content[2:])
    assert "Look into the access log" in iso.page("/inbox").words("//main")


@pytest.mark.parametrize("asked", ["before=x", "outcome=none", "since=", "until=+"])
def test_filters_that_are_none_do_not_limit(house: House, asked: str) -> None:
    assert "signed in" in house.client("iso").page(f"/access-log?{asked}").words("//tbody")


@pytest.mark.parametrize(
    ("asked", "fields"),
    [
        ("since=2026-13-45&until=abc", ["filter-since", "filter-until"]),
        ("until=0001-01-01", ["filter-until"]),
        ("since=9999-12-31&until=2026-11-23", ["filter-since"]),
        ("since=2026-02-30&before=9", ["filter-since"]),
    ],
)
def test_a_date_that_is_none_is_said_at_its_field_and_no_line_is_shown(
    house: House, asked: str, fields: list[str]
) -> None:
    iso, asked = house.client("iso"), f"{asked}&who=iso@demo.example"
    page = iso.page(f"/access-log?{asked}", 422)
    assert list(page.problems) == fields
    for field in fields:
        assert "is not a date" in page.words(f"//*[@id='{field}-error']")
    assert page.words("//tbody") == ""
    assert page.tree is not None
    assert page.tree.xpath("//input[@name='who']/@value") == ["iso@demo.example"]
    assert iso.get(f"/access-log.csv?{asked}").status_code == 303
    assert iso.get(f"/access-log.csv?{asked}", follow_redirects=True).status_code == 422


@pytest.mark.requirement("ASVS 6.3.5", "NIST AC-9")
def test_everybody_is_told_of_their_last_sign_in_and_of_failures_since(house: House) -> None:
    def signed_in(password: str, status: int) -> PortalClient:
        client = PortalClient(house.app, use_cookies=True)
        client.send("/sign-in", {"email": email_of("legal"), "password": password}, status)
        return client

    first = signed_in("third-party-access", 303).page("/inbox").words("//main")
    assert "last signed in" not in first
    house.clock.pass_days(1)
    signed_in("a wrong one", 422)
    signed_in("another wrong one", 422)
    client = signed_in("third-party-access", 303)
    told = client.page("/inbox").text
    assert "You last signed in on November 23, 2026, 10:00 am, from 127.0.0.1." in told
    assert "Failed since then, in your name: 2 tries." in told
    house.clock.pass_days(1)
    again = signed_in("third-party-access", 303)
    assert "Failed since then" not in again.page("/inbox").text
    rows = again.page("/account").words("//section[.//caption='Your sign-ins'] | //table[.//caption='Your sign-ins']")
    assert (rows.count("Tried to sign in"), rows.count("Signed in")) == (2, 3)
