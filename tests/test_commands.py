"""The commands, as they are run: `flask daily`, `flask verify`, `flask demo`, `flask people add`."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.clients import PortalClient
from tests.conftest import House

ROOT = Path(__file__).parents[1]


def run(house: House, *arguments: str) -> Result:
    """The command, in the test's own portal."""
    with house.app.app_context():
        return house.app.test_cli_runner().invoke(args=list(arguments))


def documents(house: House) -> dict[str, bytes]:
    """Every document's file."""
    folder = house.portal.settings.data / "documents"
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.process("6.3.3", "3")
def test_daily_sends_the_invitations_that_are_due_and_twice_is_as_good_as_once(house: House) -> None:
    due = house.take("", "identify-requestor", invitation_date="2026-11-25")
    later = house.take("", "identify-requestor", "Alameda", invitation_date="2026-12-15")
    house.take(due["id"], "schedule-invitation", invitation_date="2026-11-25")
    house.take(later["id"], "schedule-invitation", "Alameda", invitation_date="2026-12-15")
    first = run(house, "daily")
    assert (first.exit_code, first.output.splitlines()[-1].split(",")[0]) == (0, "0 steps taken")
    house.clock.pass_days(2)
    second = run(house, "daily")
    assert second.exit_code == 0
    assert f"taken: {due['id']} send-invitation" in second.output
    sent = house.get(due["id"])
    assert sent["status"] == "invited"
    assert (sent["history"][-1]["actor_name"], sent["history"][-1]["role"]) == (
        "The portal, on the date",
        "process-manager",
    )
    assert house.get(later["id"])["status"] == "identified"
    outbox = sorted((house.portal.settings.data / "outbox").glob("*.eml"))
    assert any("requestor.kern@demo.example" in path.read_text(encoding="utf-8") for path in outbox)
    before = documents(house)
    third = run(house, "daily")
    assert third.output == "0 steps taken, 0 notices queued, 0 mails delivered\n"
    assert documents(house) == before
    assert sorted((house.portal.settings.data / "outbox").glob("*.eml")) == outbox


def test_daily_says_what_could_not_be_done_and_does_the_rest(house: House) -> None:
    for county in ("Kern", "Alameda"):
        house.application_after("schedule-invitation", county)
    folder = house.portal.settings.data / "letter-templates"
    folder.mkdir()
    (folder / "invitation.docx").write_bytes(b"no Word file")
    house.take(house.application_after("identify-requestor", "San Diego")["id"], "withdraw", "San Diego")
    failed = run(house, "daily")
    assert failed.exit_code == 1
    assert failed.output.count("could not be done: TPA-2026-") == 2
    (folder / "invitation.docx").unlink()
    assert "2 steps taken" in run(house, "daily").output


def test_a_part_of_the_daily_work_that_fails_is_told_and_keeps_no_other_from_being_done(house: House) -> None:
    due = house.take("", "identify-requestor", invitation_date="2026-11-25")["id"]
    house.take(due, "schedule-invitation", invitation_date="2026-11-25")
    house.clock.pass_days(3)
    house.portal.store.put_record("survey-rounds", "half", {"name": "Half a survey"})
    house.portal.store.put_record("mou-campaigns", "all", {"campaigns": [{"reason": "half a campaign"}]})
    failed = run(house, "daily")
    assert failed.exit_code == 1
    assert "could not be done: it could not send what is left of surveys (KeyError: " in failed.output
    assert "could not be done: it could not send the MOU's new text (KeyError: " in failed.output
    assert f"taken: {due} send-invitation" in failed.output
    assert re.search(r"1 steps taken, [1-9]\d* notices queued, [1-9]\d* mails delivered", failed.output)
    assert house.portal.store.get_record("gap-forecast", "statistics") is not None
    health = house.client("").get("/health").json
    assert "could not look what waits besides the tasks (KeyError: " in failed.output
    assert "flask daily could not do 3 things: its log says which" in health["warnings"]


def test_verify_finds_nothing_wrong_with_a_whole_store(house: House) -> None:
    house.application_after("send-decision")
    house.client("legal").page("/inbox")
    found = run(house, "verify")
    assert (found.exit_code, found.output.strip().endswith("0 findings")) == (0, True)
    as_json = json.loads(run(house, "verify", "--json").output)
    assert as_json["status"] == "whole"
    assert as_json["documents"] == 1
    assert as_json["files"] >= 5


def altered(path: Path, old: str, new: str) -> None:
    """Changes a file by hand, as somebody with access to the disk might."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.requirement("NIST SI-7")
def test_verify_names_the_document_that_was_altered_by_hand(house: House) -> None:
    house.application_after("identify-requestor", "Alameda")
    document = house.application_after("decide")
    path = house.portal.settings.data / "documents" / f"{document['id']}.json"
    for old, new in (
        ('"accounts_granted": 3', '"accounts_granted": 30'),
        ('"status": "decided"', '"status": "active"'),
    ):
        before = path.read_text(encoding="utf-8")
        old, new = (old, new) if old in before else (old.replace(": ", ":"), new.replace(": ", ":"))
        altered(path, old, new)
        found = run(house, "verify")
        assert found.exit_code == 1, old
        assert found.output.splitlines()[0].startswith(f"{document['id']}: "), old
        as_json = json.loads(run(house, "verify", "--json").output)
        assert as_json["status"] == "altered"
        assert {finding["what"] for finding in as_json["findings"]} == {document["id"]}
        path.write_text(before, encoding="utf-8")
    path.write_text("{", encoding="utf-8")
    assert run(house, "verify").exit_code == 1
    path.write_text(before, encoding="utf-8")
    assert run(house, "verify").exit_code == 0


@pytest.mark.requirement("NIST SI-7")
def test_verify_names_the_application_whose_letter_was_altered_or_is_gone(house: House) -> None:
    document = house.application_after("send-invitation")
    sha256 = document["history"][-1]["letters"][0]["sha256"]
    [path] = (house.portal.settings.data / "files").rglob(sha256)
    content = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(content + b"!")
    found = run(house, "verify")
    assert (found.exit_code, f"{document['id']}: the file {sha256}" in found.output) == (1, True)
    path.unlink()
    assert run(house, "verify").exit_code == 1


@pytest.mark.process("O8.2")
def test_verify_names_the_line_of_the_access_log_that_was_altered(house: House) -> None:
    document = house.application_after("identify-requestor")
    for role in ("legal", "iso", "director"):
        house.client(role).page(f"/applications/{document['id']}")
    [path] = (house.portal.settings.data / "access-log").glob("*.jsonl")
    altered(path, "iso@demo.example", "nobody@demo.example")
    found = run(house, "verify")
    assert found.exit_code == 1
    assert re.search(r"access log, line \d+: is not what was written", found.output)


def test_verify_says_when_it_cannot_check(house: House) -> None:
    house.application_after("identify-requestor")
    folder = house.portal.settings.data / "documents"
    folder.rename(folder.with_name("aside"))
    folder.write_text("in the way")
    found = run(house, "verify")
    assert (found.exit_code, found.output.startswith("could not check: ")) == (2, True)
    as_json = run(house, "verify", "--json")
    assert (as_json.exit_code, json.loads(as_json.output)["status"]) == (2, "could not check")


def test_demo_makes_the_same_applications_every_time_and_none_twice(make_house: Callable[..., House]) -> None:
    first, second = make_house(name="first"), make_house(name="second")
    for house in (first, second):
        assert "10 applications made" in run(house, "demo", "--applications", "10").output
    bodies = [{key: house.get(key) for key in house.portal.store.document_ids()} for house in (first, second)]
    assert len(bodies[0]) == 10
    assert bodies[0] == bodies[1]
    assert len({body["status"] for body in bodies[0].values()}) >= 6
    assert "0 applications made" in run(first, "demo", "--applications", "10").output
    assert run(first, "verify").exit_code == 0


def test_demo_refuses_when_it_is_off(make_house: Callable[..., House]) -> None:
    house = make_house(demo=False)
    refused = run(house, "demo", "--applications", "1")
    assert refused.exit_code == 1
    assert "PORTAL_DEMO" in refused.output
    assert list(house.portal.store.document_ids()) == []


def test_people_add_prints_a_link_with_which_the_person_makes_a_password(house: House) -> None:
    added = run(
        house, "people", "add", "dora@kern.example", "--role", "director", "--lcsa", "Kern", "--name", "Dora D'Angelo"
    )
    assert added.exit_code == 0
    link = added.output.strip().splitlines()[-1]
    assert link.startswith(f"{house.portal.settings.base_url}/invitation/")
    client = PortalClient(house.app, use_cookies=True)
    address = link.removeprefix(house.portal.settings.base_url)
    password = "a long pass phrase here"
    client.send(address, {"password": password, "password_again": password})
    client.page("/applications/new")
    other = PortalClient(house.app, use_cookies=True)
    assert other.get(address).status_code in (303, 410)
    refused = run(house, "people", "add", "x@kern.example", "--role", "director", "--name", "X")
    assert refused.exit_code == 2
    assert "--lcsa" in refused.output


@pytest.mark.requirement("NIST CM-6", "NIST SC-12")
def test_flask_finds_the_portal_by_itself_and_refuses_to_start_without_a_secret(tmp_path: Path) -> None:
    bare = {key: value for key, value in os.environ.items() if not key.startswith("PORTAL_")}
    flask = [sys.executable, "-m", "flask"]
    demo = {**bare, "PORTAL_DEMO": "on", "PORTAL_DATA": str(tmp_path / "data")}
    for arguments, words in (
        (["demo", "--applications", "2"], "2 applications made"),
        (["verify"], "0 findings"),
        (["daily"], "steps taken"),
    ):
        done = subprocess.run([*flask, *arguments], cwd=ROOT, env=demo, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        assert words in done.stdout
    refused = subprocess.run(
        [*flask, "verify"],
        cwd=ROOT,
        env={**bare, "PORTAL_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert refused.returncode != 0
    assert "PORTAL_SECRET_KEY" in refused.stderr
