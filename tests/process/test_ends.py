"""How an agreement ends: by its date, at once for cause, or by notice; and what becomes of accounts, reserve and tasks."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from portal import daily
from portal.notices import queueing
from portal.process.errors import NotYourTurn
from portal.process.policy import readable
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from portal.process.third_party_access.users import accounts_in_use
from tests.conftest import House
from tests.process.case import MONDAY, STEPS, Case, after, person, several

LAST_DAY = date(2029, 11, 23)
"""The last day of the MOU that was signed on that Monday, as `tests.journey` sets its term."""

DAY_AFTER = LAST_DAY + timedelta(days=1)
OVER_NOTICE = MONDAY + timedelta(days=30)


def active() -> Case:
    """Kern IV-A with access for two users, under an MOU of three years."""
    return after("confirm-access")


def noticed(ends_on: date = OVER_NOTICE) -> Case:
    """The same, when DCSS has given notice on the first day."""
    return active().take("terminate", kind="notice", ends_on=ends_on.isoformat())


def told(case: Case) -> set[str]:
    """Who is told of the newest step."""
    return {notice["to"] for notice in case.document["notices"] if notice["seq"] == case.document["version"]}


# By its date


@pytest.mark.process("10.1")
def test_an_agreement_ends_the_day_after_its_term_and_not_on_its_last_day() -> None:
    case = active().on(LAST_DAY)
    assert case.to_come["expire"] == DAY_AFTER.isoformat()
    assert "November 24, 2029" in case.out_of_turn("expire")
    case.on(DAY_AFTER)
    assert "expire" in case.waiting
    assert [task["role"] for task in case.document["open_tasks"] if task["step"] == "expire"] == ["contract-manager"]
    assert case.take("expire").status == "ended"


@pytest.mark.process("10.1")
def test_the_end_is_in_sight_from_the_day_on_which_both_have_signed() -> None:
    assert "expire" not in after("sign-mou").to_come
    assert after("countersign-mou").to_come["expire"] == DAY_AFTER.isoformat()
    assert after("countersign-mou").on(DAY_AFTER).take("expire").status == "ended"


@pytest.mark.process("10.1", "7.3")
def test_after_the_end_the_accounts_are_the_administrators_task_until_the_last_is_removed() -> None:
    case = active().on(DAY_AFTER).take("expire")
    assert case.waiting == {"remove-accounts"}
    assert [task["role"] for task in case.document["open_tasks"]] == ["administrator"]
    assert "role:administrator" in told(case)
    case.pass_days(100).take("remove-accounts")
    assert case.waiting == {"remove-accounts"}
    ana = {"email": "ana@kern.example", "user_id": "KERN0001", "removed_on": case.today.isoformat()}
    case.take("remove-accounts", accounts=[ana])
    assert (case.waiting, accounts_in_use(case.document)) == (set(), [])


@pytest.mark.process("10.1", "1.6")
def test_after_the_end_its_reserve_is_free_its_office_id_stays_and_nothing_of_its_history_is_lost() -> None:
    case = active()
    held, history = case.document["holdings"], case.document["history"]
    assert held
    case.on(DAY_AFTER).take("expire")
    assert case.document["holdings"] == {}
    assert case.document["claims"] == {"office-id": "kern-iva-01"}
    assert case.document["history"][:-1] == history


@pytest.mark.process("10.1")
@pytest.mark.parametrize("end", ["expire", "terminate"])
def test_after_the_end_no_other_step_is_open_that_belongs_to_an_agreement(end: str) -> None:
    case = active().on(DAY_AFTER if end == "expire" else MONDAY + timedelta(days=500)).take(end)
    after_end = {step.key for step in THIRD_PARTY_ACCESS.steps if step.after_end}
    assert case.possible <= after_end
    for step in set(STEPS) - after_end:
        assert "ended" in case.out_of_turn(step)


@pytest.mark.process("10.1", "10.2")
@pytest.mark.parametrize(
    ("status", "in_force_from", "follows"),
    [
        ("establishing", DAY_AFTER, True),
        ("active", DAY_AFTER, True),
        ("establishing", None, False),
        ("renewing", DAY_AFTER, True),
        ("renewing", DAY_AFTER + timedelta(days=1), False),
        ("agreeing", None, False),
        ("ended", None, False),
    ],
)
def test_a_renewal_in_force_follows_it_and_then_no_account_is_to_be_removed(
    status: str, in_force_from: date | None, follows: bool
) -> None:
    case = active().on(DAY_AFTER)
    posted = {"in_force_from": in_force_from.isoformat()} if in_force_from else {}
    renewal = {"id": "TPA-2029-0100", "status": status, "claims": {"renews": "TPA-2026-0007"}, "post_approval": posted}
    case.world.documents["TPA-2029-0100"] = renewal
    case.take("expire")
    assert case.document["expire"]["successor"] == ("TPA-2029-0100" if follows else "")
    assert ("remove-accounts" in case.waiting) is not follows
    words = [notice["words"] for notice in case.document["notices"] if notice["to"] == "role:process-manager"][-1]
    assert ("renews it is in force" in words) is follows


# By termination


@pytest.mark.process("6.9", "7.3")
def test_for_cause_an_agreement_ends_at_once_with_a_letter_and_everybody_is_told() -> None:
    case = active().take("terminate")
    assert (case.status, case.waiting) == ("ended", {"remove-accounts"})
    assert [letter["name"] for letter in case.document["history"][-1]["letters"]] == ["letter-of-termination"]
    assert told(case) == {
        "person:complete_application.contact",
        "actor:identify-requestor",
        "role:administrator",
        "role:process-manager",
        "role:iso",
    }


@pytest.mark.process("6.9")
def test_notice_is_thirty_days_and_ends_before_the_term_does() -> None:
    case = active()
    early = (OVER_NOTICE - timedelta(days=1)).isoformat()
    assert "December 23, 2026" in case.problems("terminate", kind="notice", ends_on=early)["ends_on"]
    assert case.problems("terminate", kind="notice", ends_on=OVER_NOTICE.isoformat()) == {}
    assert set(case.problems("terminate", kind="notice", ends_on=LAST_DAY.isoformat())) == {"ends_on"}
    assert case.problems("terminate", kind="notice", ends_on=(LAST_DAY - timedelta(days=1)).isoformat()) == {}


@pytest.mark.process("6.9")
def test_where_the_term_is_over_before_thirty_days_no_notice_can_end_it() -> None:
    case = active().on(LAST_DAY - timedelta(days=30))
    assert set(case.problems("terminate", kind="notice", ends_on=case.today.isoformat())) == {"kind"}
    case.pass_days(-1)
    assert case.problems("terminate", kind="notice", ends_on=(LAST_DAY - timedelta(days=1)).isoformat()) == {}


@pytest.mark.process("6.9", "7.3")
def test_with_notice_it_is_in_force_until_that_day_and_ends_on_it() -> None:
    case = noticed()
    assert (case.status, case.to_come["expire"]) == ("active", OVER_NOTICE.isoformat())
    assert "remove-accounts" not in case.waiting
    case.on(OVER_NOTICE - timedelta(days=1)).out_of_turn("expire")
    assert "change-users" in case.possible
    case.on(OVER_NOTICE).take("expire")
    assert (case.status, case.waiting) == ("ended", {"remove-accounts"})


@pytest.mark.process("6.9")
def test_an_mou_is_terminated_once_and_not_before_both_have_signed() -> None:
    after("sign-mou").out_of_turn("terminate")
    assert after("countersign-mou").take("terminate").status == "ended"
    noticed().out_of_turn("terminate")


@pytest.mark.process("6.9")
def test_nobody_waits_for_a_termination_that_nobody_asked_for() -> None:
    assert "terminate" not in active().waiting


# Asked for


@pytest.mark.process("6.9")
@pytest.mark.parametrize("role", ["requestor", "director"])
def test_the_end_can_be_asked_for_and_is_then_the_owners_task(role: str) -> None:
    case = active()
    case.take("request-termination", case.who(role))
    assert [task["role"] for task in case.document["open_tasks"] if task["step"] == "terminate"] == ["process-owner"]
    assert "role:process-owner" in told(case)
    case.take("terminate", kind="notice", ends_on=OVER_NOTICE.isoformat())
    assert "terminate" not in case.waiting
    case.out_of_turn("request-termination")


@pytest.mark.process("1.5", "6.9")
@pytest.mark.parametrize("step", ["terminate", "decline-termination"])
def test_nobody_decides_on_an_end_that_they_asked_for(step: str) -> None:
    both = several(person("process-owner", email="both@state.example"), person("director"))
    case = active().take("request-termination", both)
    with pytest.raises(NotYourTurn):
        case.take(step, both)
    case.take(step)


@pytest.mark.process("6.9")
def test_the_owner_can_keep_it_in_force_and_the_end_can_be_asked_for_again() -> None:
    case = active().take("request-termination")
    case.out_of_turn("request-termination")
    case.take("decline-termination")
    assert "terminate" not in case.waiting
    assert "decline-termination" not in case.possible
    assert "actor:request-termination" in told(case)
    assert "terminate" in case.pass_days(9).take("request-termination").waiting


def test_the_day_that_is_wished_for_lies_in_the_term() -> None:
    case = active()
    assert set(case.problems("request-termination", wished_on=DAY_AFTER.isoformat())) == {"wished_on"}
    assert case.problems("request-termination", wished_on=LAST_DAY.isoformat()) == {}


# Kept


@pytest.mark.process("10.1", "5.2")
def test_the_daily_run_ends_it_on_its_day_once_and_the_matrix_no_longer_shows_it(
    make_house: Callable[..., House],
) -> None:
    house = make_house()
    document = house.application_after("confirm-access")
    house.clock.pass_days((LAST_DAY - MONDAY).days)
    assert f"{document['id']} expire" not in daily.run(house.portal).taken
    assert "Kern IV-A" in house.client("").page("/matrix.csv").text
    house.clock.pass_days(1)
    assert f"{document['id']} expire" in daily.run(house.portal).taken
    assert f"{document['id']} expire" not in daily.run(house.portal).taken
    ended = house.get(document["id"])
    assert (ended["status"], ended["history"][-1]["actor"], ended["expire"]) == ("ended", "portal", {"successor": ""})
    assert "Kern IV-A" not in house.client("").page("/matrix.csv").text
    assert "Kern IV-A" in house.client("administrator").page("/inbox").text
    shown = readable(house.process, ended, house.actor("requestor"))
    assert len(shown["history"]) == len(ended["history"])


@pytest.mark.process("6.9")
def test_the_letter_of_termination_goes_to_the_contact_the_director_and_the_contract_manager(house: House) -> None:
    document = house.application_after("confirm-access")
    ends_on = (MONDAY + timedelta(days=40)).isoformat()
    kept = house.take(document["id"], "terminate", kind="notice", ends_on=ends_on)
    letter = kept["history"][-1]["letters"][0]
    assert [one["email"] for one in letter["to"]] == ["requestor.kern@demo.example"]
    assert {one["email"] for one in letter["cc"]} == {"director.kern@demo.example", "contract-manager@demo.example"}
    queueing.queue_owed(house.portal)
    mails = [mail for _, mail in house.portal.store.records("mail") if mail["to"] == "administrator.kern@demo.example"]
    assert any("no longer in force from January 2, 2027 on" in mail["text"] for mail in mails)
