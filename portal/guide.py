"""The user account allocation guide as it is in force, its history, and how the Process Owner changes it [1.6, 9].

Every change is told to the Directors of the LCSAs that it concerns.
"""

from dataclasses import dataclass

from portal.audit import Act
from portal.notices.announcements import announce
from portal.notices.queueing import SIGNED
from portal.parts import Portal
from portal.people import Person
from portal.process.document import Json, at_utc
from portal.process.step import Actor
from portal.process.third_party_access.guide import CHANGES, EVERY_COUNTY, GUIDE, in_force, rows_of, with_change
from portal.process.third_party_access.reference import UAAG, UAAG_NOT_PRINTED, UaagRow
from portal.store.errors import Conflict


@dataclass(frozen=True, slots=True)
class RowInForce:
    """A row of the guide with the number that it reserves now, beside the one that is printed."""

    row: UaagRow
    reserved: int

    @property
    def changed(self) -> bool:
        """Whether it reserves another number than is printed, which for a row that is not printed is none."""
        return self.reserved != self.row.reserved


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change makes of a row: reserved before and after, and how many accounts are granted of it already."""

    row: UaagRow
    before: int
    after: int
    granted: int

    @property
    def left(self) -> int:
        """What the row has left then, never below 0."""
        return max(0, self.after - self.granted)

    @property
    def over(self) -> int:
        """How many more are granted than it will reserve."""
        return max(0, self.granted - self.after)


class NothingChanges(ValueError):
    """The rows reserve that number already."""


def rows_in_force(portal: Portal) -> list[RowInForce]:
    """Every row of the guide, in the printed order; those that were added after the others of their LCSA."""
    numbers = in_force(portal.store.get_record(GUIDE, CHANGES))
    added = [row for row in UAAG_NOT_PRINTED if row.key in numbers]
    place = {lcsa: at for at, lcsa in enumerate(dict.fromkeys(row.lcsa for row in (*UAAG, *added)))}
    return [RowInForce(row, numbers[row.key]) for row in sorted((*UAAG, *added), key=lambda row: place[row.lcsa])]


def rows_to_add(portal: Portal) -> list[UaagRow]:
    """The rows that the guide lacks and on which an organization with access would draw."""
    numbers = in_force(portal.store.get_record(GUIDE, CHANGES))
    lacking = [row for row in UAAG_NOT_PRINTED if row.key not in numbers]
    granted = portal.store.sums([row.key for row in lacking])
    return [row for row in lacking if granted[row.key]]


def revision(portal: Portal) -> int:
    """How often the guide was changed: a form drawn from another number is out of date."""
    kept = portal.store.get_record(GUIDE, CHANGES)
    return kept["revision"] if kept else 0


def changes(portal: Portal) -> list[Json]:
    """Every change, the newest first."""
    kept = portal.store.get_record(GUIDE, CHANGES)
    return list(reversed(kept["changes"])) if kept else []


def weigh(portal: Portal, choice: str, reserved: int) -> list[Effect]:
    """What it would mean for each row of this choice to reserve so many."""
    numbers = in_force(portal.store.get_record(GUIDE, CHANGES))
    return [Effect(row, numbers.get(row.key, 0), reserved, portal.store.held(row.key)) for row in rows_of(choice)]


def directors_told(portal: Portal, choice: str) -> list[Person]:
    """Whom a change of these rows is told to: the Directors of the row's LCSA, or all of them."""
    if choice == EVERY_COUNTY:
        return portal.people.with_role("director")
    return [person for row in rows_of(choice) for person in portal.people.with_role("director", row.lcsa)]


def change(
    portal: Portal, choice: str, reserved: int, reason: str, actor: Actor, act: Act, drawn_from: int
) -> list[Person]:
    """Has these rows reserve so many from now on, and returns the Directors who are told.

    Raises `Conflict` when the guide was changed since the form was drawn, `NothingChanges`, `Unavailable`; after any of
    them nothing has changed.
    """
    effects, told = weigh(portal, choice, reserved), directors_told(portal, choice)
    with portal.log.telling(act) as tell, portal.store.writing() as writing:
        kept = portal.store.get_record(GUIDE, CHANGES)
        known = kept["revision"] if kept else 0
        if known != drawn_from:
            raise Conflict(f"{GUIDE}/{CHANGES}", drawn_from, known)
        new = with_change(kept, rows_of(choice), reserved, reason, actor, at_utc(portal.clock()))
        if not new["changes"][-1]["rows"]:
            raise NothingChanges(f"The guide reserves {reserved} already")
        tell(writing, why=f"change {known + 1}")
        subject, lines = _mail(portal, choice, effects, reason, actor)
        people = [{"name": person.name, "email": person.email} for person in told]
        announce(portal, f"{GUIDE}/{known + 1}", (GUIDE, CHANGES, known + 1), people, subject, lines)
        portal.store.put_record(GUIDE, CHANGES, new, expected_revision=known)
    portal.wake()
    return told


def _mail(portal: Portal, choice: str, effects: list[Effect], reason: str, actor: Actor) -> tuple[str, list[str]]:
    """What Directors are told: the new number, what it leaves, why, and what they can do with it."""
    base, first = portal.settings.base_url, effects[0]
    if choice == EVERY_COUNTY:
        subject = "The user account allocation guide has changed for every county"
        said = f"Each county’s reserve for third parties without a row of their own is {first.after} from now on."
    else:
        subject = f"The user account allocation guide has changed for {first.row.lcsa}"
        said = (
            f"{name_of(first.row)}: {first.after} reserved from now on, {first.before} before. "
            f"{first.granted} granted already, {first.left} left."
        )
    return subject, [
        f"{actor.name} has changed the user account allocation guide for the Child Support Enforcement system.",
        "",
        said,
        f"Reason: {reason}",
        "",
        "You can identify an organization that should have access:",
        f"{base}/applications/new",
        "",
        "The guide in force:",
        f"{base}/uaag",
        "",
        SIGNED,
    ]


def name_of(row: UaagRow) -> str:
    """`Los Angeles, IV-A`; `Kern, third parties` where the guide prints no user organisation."""
    return f"{row.lcsa}, {row.user_organization or 'third parties'}"


def name_of_choice(choice: str) -> str:
    """A row's name, or that it is every county's."""
    if choice == EVERY_COUNTY:
        return f"Every county’s reserve for third parties ({len(rows_of(choice))} rows)"
    return ", ".join(name_of(row) for row in rows_of(choice))
