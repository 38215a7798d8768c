"""How an agreement stands, in a few facts: until when it is in force, how many use it, whether all is as it should be."""

from collections.abc import Iterator
from datetime import date, timedelta

from portal.process.document import Json, section
from portal.process.overview import Cell, Fact, Marked
from portal.process.third_party_access.accounts import granted
from portal.process.third_party_access.certification import lapsed_accounts, lapsed_from
from portal.process.third_party_access.findings import Finding, State, findings
from portal.process.third_party_access.incidents import open_incidents
from portal.process.third_party_access.term import ends_from
from portal.process.third_party_access.users import accounts_in_use, accounts_set_up, accounts_to_remove, roster


def standing(document: Json, today: date) -> Iterator[Fact]:
    """The facts of an agreement under which access was confirmed, as far as their reader may read them; none before."""
    over_from = ends_from(document)
    if document["status"] not in ("active", "ended") or over_from is None:
        return
    ended = document["status"] == "ended"
    yield Fact("Was in force until" if ended else "In force until", over_from - timedelta(days=1))
    if not ended:
        users, limit = len(roster(document)), granted(document)
        words = f"{users} of {limit} granted"
        yield Fact("Users", Marked(words) if users > limit else words, "roster")
    yield Fact("Accounts", _left(document) if ended else _in_use(document), "roster")
    if not ended and (day := lapsed_from(document)):
        yield Fact("Certified until", _certified(document, day, today), "roster")
    found = findings(document)
    yield Fact("Audit findings", _not_cleared(found, today), "findings" if found else "")
    if still := len(open_incidents(document)):
        yield Fact("Incidents", Marked(f"{still} open"), "incidents")


def _in_use(document: Json) -> str:
    in_use = len(accounts_in_use(document))
    suspended = len(accounts_set_up(document)) - in_use
    return f"{in_use} in use, {suspended} suspended" if suspended else f"{in_use} in use"


def _left(document: Json) -> Cell:
    """What became of the accounts with the agreement's end."""
    if left := len(accounts_to_remove(document)):
        return Marked(f"{left} still to be removed")
    successor = section(document, "expire").get("successor")
    return f"They go on under {successor}" if successor else "None left"


def _certified(document: Json, lapsed_on: date, today: date) -> Cell:
    if lapsed_on > today:
        return lapsed_on - timedelta(days=1)
    return Marked(f"{len(lapsed_accounts(document, today))} in use, not certified")


def _not_cleared(found: list[Finding], today: date) -> Cell:
    still = [one for one in found if one.state is not State.CLEARED]
    late = sum(one.is_overdue(today) for one in still)
    if late:
        return Marked(f"{len(still)} open, {late} overdue")
    return f"{len(still)} open" if still else "None open"
