"""A role's part in the process on one page: its steps in order, why each exists, what opens it, its goal, what to have
at hand. Drawn from the tables of steps and of the policy.
"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from portal.process.policy_table import Act, Row
from portal.process.step import Field, Kind, Process, Role, Step
from portal.process.way import opens_in_words


class GuideStep(NamedTuple):
    """A step as its role meets it. `why` is the policy's purpose; `at_hand` what the form asks for in any case."""

    key: str
    title: str
    section: str
    asks: str
    why: str
    opens: str
    goal: str
    at_hand: str
    instead_of: str
    by_itself: bool


class Alike(NamedTuple):
    """Steps that a role takes for one and the same purpose: they are told in one line."""

    why: str
    steps: list[GuideStep]


class RoleGuide(NamedTuple):
    """Steps on the way, in their order; those that come up beside it or afterwards, one by one or told together; whose
    come before and after; the pages that the role opens.
    """

    role: Role
    on_the_way: list[GuideStep]
    besides: list[GuideStep]
    alike: list[Alike]
    before: list[str]
    after: list[str]
    pages: list[Row]


def guide_of(process: Process, role: Role) -> RoleGuide:
    """The guide for one role."""
    on_the_way: list[GuideStep] = []
    besides: list[GuideStep] = []
    for step in process.steps:
        row = next((row for row in process.policy.taking(step.key) if role.key in row.roles), None)
        if row is not None:
            shown = _step(process, step, row)
            (on_the_way if step.key in process.way.rests_on and row.act is Act.TAKE else besides).append(shown)
    mine = {step.key for step in on_the_way}
    rests_on = process.way.rests_on
    for_one_purpose = Counter(step.why for step in besides)
    alike = [
        Alike(why, [step for step in besides if step.why == why]) for why, many in for_one_purpose.items() if many > 1
    ]
    return RoleGuide(
        role,
        on_the_way,
        [step for step in besides if for_one_purpose[step.why] == 1],
        alike,
        before=_roles(process, (key for step in mine for key in rests_on[step]), role),
        after=_roles(process, (step for step, before in rests_on.items() if not before.isdisjoint(mine)), role),
        pages=[row for row in process.policy.rows if row.act is Act.OPEN and role.key in row.roles],
    )


def _step(process: Process, step: Step, row: Row) -> GuideStep:
    own = process.role(step.role)
    for_another = own.in_a_sentence if row.act is Act.ENTER or step.role not in row.roles else ""
    return GuideStep(
        key=step.key,
        title=step.title,
        section=step.section,
        asks=step.asks,
        why=row.purpose,
        opens=opens_in_words(process, step),
        goal=f"{step.goal.in_words} from {step.goal.trigger}" if step.goal else "",
        at_hand=_at_hand(step),
        instead_of=for_another,
        by_itself=step.by_itself,
    )


def _at_hand(step: Step) -> str:
    """What the form asks of everybody to write, its groups in one: `Purpose; Whom to invite (name, title, address)`."""
    asked: dict[str, list[str]] = {}
    for field in step.fields:
        if not _is_asked(field):
            continue
        if field.kind is Kind.ENTRIES:
            asked[field.label] = [_plain(inner).lower() for inner in field.fields if _is_asked(inner)]
        else:
            asked.setdefault(field.group or _plain(field), []).extend([_plain(field).lower()] if field.group else [])
    return "; ".join(f"{name} ({', '.join(labels)})" if labels else name for name, labels in asked.items())


def _is_asked(field: Field) -> bool:
    always = field.required is True and field.only_when is None
    return always and not field.by_portal and not field.on_behalf_only and field.kind not in (Kind.TICK, Kind.CHOICE)


def _plain(field: Field) -> str:
    return field.label.rstrip("?")


def _roles(process: Process, steps: Iterable[str], besides: Role) -> list[str]:
    """The roles whose these steps are, each once, in the table's order."""
    found = {process.step(key).role for key in steps} - {besides.key}
    return [role.title for role in process.roles if role.key in found]
