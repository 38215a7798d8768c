"""What the health page tells, to whom, and at what cost; and what stands in the log."""

import io
import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import abort

from portal.health import PATIENCE, Occasionally
from portal.store.errors import Unavailable
from tests.conftest import House


def log_of(house: House) -> Callable[[], list[dict[str, Any]]]:
    """From now on the log's lines can be read here."""
    stream = io.StringIO()
    house.app.logger.handlers[0].setStream(stream)  # type: ignore[attr-defined]
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def health(house: House) -> dict[str, Any]:
    told: dict[str, Any] = house.client("").get("/health").json
    return told


# Health.


def test_all_is_well_with_a_portal_that_nobody_touched(house: House) -> None:
    answer = house.client("").get("/health")
    assert answer.status_code == 200
    assert answer.json == {
        "status": "ok",
        "damaged": [],
        "mail_waiting": 0,
        "mail_failed": 0,
        "daily": None,
        "scanner": None,
        "warnings": ["flask daily has not run yet"],
    }


def test_the_health_says_when_the_daily_work_is_late(house: House) -> None:
    with house.app.app_context():
        assert house.app.test_cli_runner().invoke(args=["daily"]).exit_code == 0
    assert health(house)["daily"] == "2026-11-23T18:00:00Z"
    house.clock.now += timedelta(hours=36)
    assert health(house)["warnings"] == []
    house.clock.now += timedelta(hours=1)
    assert health(house)["warnings"] == ["flask daily last ran 37 hours ago"]


def test_a_damaged_document_is_named_and_a_person_is_not(house: House) -> None:
    document = house.application_after("identify-requestor")
    data = house.portal.settings.data
    (data / "documents" / f"{document['id']}.json").write_text("{")
    (data / "records" / "people" / "legal%40demo%2Eexample.json").write_text("{")
    answer = house.client("").get("/health")
    assert answer.status_code == 200
    assert answer.json["damaged"] == [document["id"], "1 of people"]
    assert "demo" not in answer.text
    assert house.client("process-manager").page("/applications").status == 200


def test_mail_that_did_not_go_out_shows(house: House) -> None:
    house.portal.mail.send("nobody", "Subject", "Text")
    told = health(house)
    assert (told["mail_waiting"], told["mail_failed"]) == (0, 1)
    assert any("1 mails did not go out" in warning for warning in told["warnings"])


def test_a_store_that_does_not_answer_is_503_and_its_folder_is_told_in_the_log_alone(house: House) -> None:
    lines = log_of(house)
    documents = house.portal.settings.data / "documents"
    documents.rename(documents.with_name("gone"))
    answer = house.client("").get("/health")
    documents.with_name("gone").rename(documents)
    assert answer.status_code == 503
    assert answer.json["status"] == "unavailable"
    assert str(house.portal.settings.data) not in answer.text
    found = next(line for line in lines() if line["message"] == "the store is unavailable")
    assert str(house.portal.settings.data) in found["why"]
    assert found["request_id"] == answer.json["request_id"] == answer.headers["X-Request-ID"]
    assert health(house)["status"] == "ok"


def test_a_costly_look_is_taken_seldom_however_often_somebody_asks() -> None:
    looks = []

    def look() -> int:
        time.sleep(0.02)
        looks.append(1)
        return len(looks)

    seldom = Occasionally(look)
    until = time.monotonic() + 0.5
    while time.monotonic() < until:
        assert seldom.found() == 1
    assert len(looks) == 1


def test_nobody_waits_for_a_look_that_takes_long() -> None:
    ended = threading.Event()
    started = time.monotonic()
    slow = Occasionally(lambda: ended.wait(10))
    assert slow.found() is None
    assert time.monotonic() - started < PATIENCE + 1
    ended.set()
    while slow.found() is None:
        assert time.monotonic() - started < 5
    assert slow.found() is True


def test_a_look_that_fails_is_taken_again() -> None:
    answers: list[int | None] = [None, 7]

    def look() -> int:
        answer = answers.pop(0)
        if answer is None:
            raise Unavailable("just now")
        return answer

    health = Occasionally(look)
    assert health.found() is None
    time.sleep(0.05)
    assert health.found() == 7


# Logs.


def test_each_line_of_the_log_is_json_and_a_health_that_is_ok_is_none(house: House) -> None:
    lines = log_of(house)
    answer = house.client("").get("/process?ssn=none-of-this")
    health(house)
    house.client("").get("/static/portal.css").close()
    (line,) = lines()
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert (line["level"], line["method"], line["path"], line["status"]) == ("info", "GET", "/process", 200)
    assert line["ms"] > 0


@pytest.mark.requirement("ASVS 16.3.4", "NIST AU-2", "NIST SI-11")
@pytest.mark.parametrize("address", ["/boom", "/invitation/a-secret-key/boom"])
def test_an_unexpected_error_is_in_the_log_under_the_number_that_its_page_shows(house: House, address: str) -> None:
    def boom() -> str:
        raise ZeroDivisionError("on purpose")

    house.app.add_url_rule(address, "public.start")
    house.app.view_functions["public.start"] = boom
    lines = log_of(house)
    page = house.client("").page(address, status=500)
    error, request = lines()
    assert page.words("//*[@class='request-id']/code") == error["request_id"] == request["request_id"]
    assert error["level"] == "error"
    assert "ZeroDivisionError: on purpose" in error["exception"]
    assert (error["method"], error["path"]) == (request["method"], request["path"])
    assert not any("a-secret-key" in json.dumps(line) for line in lines())


def test_an_expected_error_shows_its_number_too(house: House) -> None:
    def refuse() -> str:
        abort(404)

    house.app.view_functions["public.start"] = refuse
    lines = log_of(house)
    page = house.client("").page("/", status=404)
    assert page.words("//*[@class='request-id']/code") == lines()[-1]["request_id"]


def test_what_libraries_and_parts_say_is_a_line_of_json_too(house: House) -> None:
    lines = log_of(house)
    house.portal.mail.send("nobody", "Subject", "Text")
    (line,) = lines()
    assert (line["level"], line["logger"]) == ("warning", "portal.notices.mailer")
