"""Every route x every role x own record, another county's, another organization's, none: as the policy's table says."""

import pytest

from portal.process.third_party_access import THIRD_PARTY_ACCESS
from tests.clients import PortalClient
from tests.conftest import House
from tests.policy.every_route import ROLES, Way, an_accepted_application_with_a_paper, neighbours, ways
from tests.web.asking import kept_in, token_of

pytestmark = pytest.mark.process("O8.2", "1.5")

HX = {"HX-Request": "true"}


def status_of(client: PortalClient, way: Way, token: str, headers: dict[str, str]) -> int:
    """The status with which this way is answered: of the way to sign in, 302 alone."""
    sent = {"csrf_token": token} if way.method != "GET" else None
    answer = client.open(way.address, method=way.method, data=sent, headers=headers, buffered=True)
    if answer.status_code in (302, 303) and answer.headers["Location"].startswith("/sign-in"):
        return 302
    return answer.status_code


def wrong_ways(house: House, client: PortalClient, role: str, sees: bool, every: list[Way], headers: dict[str, str]) -> dict[str, str]:  # fmt: skip
    """Each way that is not answered as the policy says."""
    wrong = {}
    token = token_of(client)
    for way in every:
        expected, status = way.comes_in(role, sees), status_of(client, way, token, headers)
        if expected == 302 and headers:
            expected = 401  # a fragment cannot be led away to sign in
        if expected != 200:
            right = status == expected
        elif "sign_in." in way.endpoint:
            right = status < 500
        else:
            right = status not in (302, 401, 403, 500, 503) and (status != 404 or not way.document_id)
        if not right:
            wrong[f"{way.method} {way.address}"] = f"{status}, not {expected}"
    return wrong


@pytest.mark.requirement("ASVS 8.2.1", "ASVS 8.2.2", "ASVS 8.4.1", "NIST AC-3", "NIST AC-6")
@pytest.mark.parametrize("headers", [{}, HX], ids=["page", "fragment"])
def test_every_route_opens_to_its_own_roles_alone(house: House, headers: dict[str, str]) -> None:
    document, sha256 = an_accepted_application_with_a_paper(house)
    every = ways(house, document["id"], sha256)
    house.client("iso")  # the first to sign in: the wording of the notice is kept from then on
    before = kept_in(house.portal.settings.data, "log", "lock", "people", "drafts", "sessions")
    for role in ("", *ROLES):
        sees = role in THIRD_PARTY_ACCESS.policy.seeing
        assert wrong_ways(house, house.client(role), role, sees, every, headers) == {}, role or "nobody"
    for role, client in neighbours(house):
        assert wrong_ways(house, client, role, False, every, headers) == {}, f"a {role} from elsewhere"
    assert house.get(document["id"]) == document
    after = kept_in(house.portal.settings.data, "log", "lock", "people", "drafts", "sessions")
    assert after == before


def test_no_page_that_is_only_looked_at_waits_for_those_who_write(house: House) -> None:
    """Whoever held the lock for writing would keep everybody waiting; in one thread asking for it again is an error."""
    document, sha256 = an_accepted_application_with_a_paper(house)
    every = [way for way in ways(house, document["id"], sha256) if way.method == "GET" and "sign" not in way.endpoint]
    for role in ("", *ROLES):
        client = house.client(role)
        for way in every:
            if way.comes_in(role, role in THIRD_PARTY_ACCESS.policy.seeing) == 200:
                with house.portal.store.writing():
                    assert status_of(client, way, "", {}) < 500, f"{role or 'nobody'}: {way.address}"
