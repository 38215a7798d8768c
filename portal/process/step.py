"""What a step is, as data: its role, when it is open, what it asks, its goal, its letters, whom it tells.

A process is a table of these. The form, the check of the answers, the page on which they are checked, the history's
wording, the tracking sheet's columns, the letters and the published policy are all drawn from the declarations.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, Protocol

from portal.process.conditions import Condition, Never, Taken
from portal.process.contact import Contact
from portal.process.document import Answers, Json
from portal.process.errors import NoSuchStep, Problem
from portal.process.overview import Concern, Fact, Overview
from portal.process.policy_table import Policy
from portal.process.way import Way, way_of


class Kind(StrEnum):
    """What sort of answer a field takes, and how the answer stands in JSON."""

    TEXT = "text"  # a string of one line
    LONG_TEXT = "long-text"  # a string of several lines
    EMAIL = "email"  # a string
    PHONE = "phone"  # a string
    NUMBER = "number"  # a whole number
    DATE = "date"  # a string, ISO 8601: 2026-11-23, California's date
    CHOICE = "choice"  # one of the choices' values
    CHOICES = "choices"  # a list of the choices' values
    TICK = "tick"  # true or false; a required one must be true
    FILE = "file"  # {"name", "sha256", "size"}: a paper that the store keeps
    ENTRIES = "entries"  # a list of dictionaries, one for each row of `fields`


PAPERS = {"pdf": "PDF", "docx": "Word (.docx)", "png": "PNG", "jpeg": "JPEG"}
"""The kinds of papers that a FILE may be, with the words for each. What a file is, its content says, not its name."""


def papers_in_words(kinds: tuple[str, ...]) -> str:
    """`PDF, PNG or JPEG`."""
    *others, last = (PAPERS[kind] for kind in kinds)
    return f"{', '.join(others)} or {last}" if others else last


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values that a field takes, with the words that a person reads."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class When:
    """Holds when another answer of the same step has one of these values (of a tick: "yes" or "no")."""

    field: str
    values: tuple[str, ...]

    def holds(self, answers: Mapping[str, Any]) -> bool:
        """Whether these answers are such."""
        answer = answers.get(self.field)
        if isinstance(answer, bool):
            answer = "yes" if answer else "no"
        return answer in self.values


@dataclass(frozen=True, slots=True)
class Situation:
    """What a step is taken in: the document as it is, facts from elsewhere, and California's date.

    `document` is an empty dictionary for the step that starts one. `facts` are plain values that the process asked for
    (`Process.facts`), read under the same lock as the write to come. `actor` is who takes the step, `on_behalf` when
    they enter for another what came on paper.
    """

    document: Json
    facts: Mapping[str, Any]
    today: date
    actor: "Actor | None" = None
    on_behalf: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a step.

    `required` holds always, never or under a condition on the step's other answers; a field whose `only_when` does not
    hold is not asked, and an answer to it is dropped. `default` works out what the form starts with. Who may read the
    answer, the policy says. `accepts` are the kinds of papers (`PAPERS`) that a FILE may be.
    `key` names, in ENTRIES, the field by which rows are told apart; with `adds` a new list is laid over the
    one recorded before, row by row by that key, in place of replacing it; or over what `lays_over` works out.
    """

    name: str
    label: str
    kind: Kind = Kind.TEXT
    hint: str = ""
    example: str = ""
    choices: tuple[Choice, ...] = ()
    required: bool | When = True
    only_when: When | None = None
    minimum: int | None = None
    maximum: int | None = None
    accepts: tuple[str, ...] = ("pdf",)
    longest: int | None = None
    not_after_today: bool = False
    not_before_today: bool = False
    fields: tuple["Field", ...] = ()
    key: str = ""
    one_called: str = ""
    """What one row is called, where the field's name without its s does not say it: `user who leaves`."""
    adds: bool = False
    lays_over: Callable[[Situation], list[Json]] | None = None
    default: Callable[[Situation], object] | None = None
    choices_from: Callable[[Situation], Sequence[Choice]] | None = None
    """Works out which values a TEXT, EMAIL or NUMBER can have: it is chosen, not typed, and stands in JSON as its kind
    says.
    """
    autocomplete: str = ""
    group: str = ""
    """The heading under which it stands with its neighbours of the same group: its label then needs not repeat it."""
    part: str = ""
    """The part of a long form in which it is asked, a page of its own: neighbours of the same part together."""
    on_behalf_label: str = ""
    """The label for one who enters for another what came on paper."""
    on_behalf_only: bool = False
    """Asked only of one who enters for another what came by mail or fax."""
    fixed: bool = False
    """In ENTRIES, what the rows are about: it stands on the form as text, as `default` has it, and no row can be added.
    The step's check says which rows there can be.
    """
    by_portal: bool = False
    """Recorded by the portal (`Step.records`) and asked of nobody: a number that it gives, for one."""

    @property
    def full_label(self) -> str:
        """The label where no heading stands above it: `Whom to invite: email`."""
        return f"{self.group}: {self.label[:1].lower()}{self.label[1:]}" if self.group else self.label

    def choice_label(self, value: str) -> str:
        """The words for a value; the value itself if it is none of the choices."""
        return next((choice.label for choice in self.choices if choice.value == value), value)


@dataclass(frozen=True, slots=True)
class Goal:
    """Working days in which DCSS means to take the step: a goal, not a deadline [4].

    It counts from the newest of the entries for which `after` holds, or from the date that `starts_on` makes of that
    one (California dates); it stands still from each entry of `paused_by` until the next of `resumed_by`. `at_least`
    gives the lower end of a range ("30-45").
    """

    working_days: int
    after: Condition
    at_least: int | None = None
    starts_on: Callable[[Json, date], date] | None = None
    paused_by: Taken | None = None
    resumed_by: str = ""
    resumed_on: Callable[[Json, date], date] | None = None
    """Works out, of the answers and the date of `resumed_by`, since when the clock runs again (None: that date)."""
    trigger: str = ""
    """The trigger in plain words, to follow "counted from"."""

    @property
    def in_words(self) -> str:
        """`15 working days`, or `30 to 45 working days`."""
        return (
            f"{self.at_least} to {self.working_days} working days"
            if self.at_least
            else f"{self.working_days} working days"
        )


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that a step sends: drawn from the Word template of its name, previewed, then frozen.

    `to` and `cc` name people the way `Tell` does. `when` limits it to documents, once the step is taken, of which that
    holds.
    """

    name: str
    title: str
    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    when: Condition | None = None
    template: str = ""
    """The Word template it is drawn from, when that has another name."""
    specimen: bool = False
    """Sent to be read before there is anything to sign: what is not known yet stands in brackets."""
    sample: bool = False
    """Its wording is a sample: the source does not give it."""
    in_text_of: str = ""
    """The letter, sent before, in whose very text it is drawn, though the template has changed meanwhile."""
    without: tuple[str, ...] = ()
    """Steps of whose record it says nothing: it goes out to be signed anew, for one."""


@dataclass(frozen=True, slots=True)
class Tell:
    """Who is told of a step, besides those whose task it opens, and in which words.

    `to` is `role:iso` (everyone who holds the role within the document's scope), `person:identify_requestor.invitee`
    (the name and email that a section gives under that prefix) or `actor:identify-requestor` (who took that step last).
    `words` may name
    `{organization}`, `{lcsa}`, `{id}` and the step's own answers. `invites` names the role that the told person is to
    hold: they get a link that makes their account, or the role if they have one.
    `task` names a step to link to, else the link goes to the application.
    """

    to: tuple[str, ...]
    words: str
    when: Condition | None = None
    invites: str = ""
    task: str = ""


@dataclass(frozen=True, slots=True)
class IfLate:
    """Who is told besides, named as `Tell` names them, when a step is not taken so many days (not working days) after
    the day by which it was asked for (`Step.due_on`); every 30 days again (`portal.process.reminders`).
    """

    days: int
    to: tuple[str, ...]


Check = Callable[[Situation, Answers], Iterable[Problem]]


@dataclass(frozen=True, slots=True)
class Beginning:
    """Another document that a step begins, in the same write: what it is `about` before its first entry (its header),
    and the `answers` of its starting step. By its `claim` (name and value) it is found when it was begun before.
    """

    about: Mapping[str, Any]
    answers: Answers
    claim: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Passing:
    """A step that the portal takes by itself on another document, in the same write: what was done on this one has to
    be known there.
    """

    document_id: str
    step: str


@dataclass(frozen=True, slots=True)
class Step:
    """One act of one role on one document.

    `done` says what was done, to follow a name; `done_when` says it closer by the answers, the first that holds.
    `opens` says when it is open: while it holds, and if something that it rests upon happened after the step was last
    taken. `repeats` lets it be taken again without that. `closed_by` shuts it. `waits` says whether somebody waits
    for it, so that it stands in inboxes (None: whenever it is open); a step that nobody waits for can be taken from the
    document's page. `opens_on` gives the date before which it cannot be taken: it names the step and the field that
    record it, or works it out of the document (None: at once). With `after_end` it is open on a document that has ended
    too. `status` is the document's status once it is taken; `status_when` gives others, the first that holds.

    `due_on` works out of the document the date by which the step is asked for (California's), where somebody set one or
    the law does: a finding to be answered by a day, an account to be suspended on one. It closes nothing, and inboxes
    put first what is past it. A step has that or a goal, not both; who else is told when it is late, `if_late` says.

    With `each_anew` every taking stands by itself: the form does not start with what was recorded the time before.

    `remind_after` says after how many days of waiting (not working days) whoever may take it is told again; after the
    last of these every 30 days, and once when the goal or the day is passed (`portal.process.reminders`). Empty: never.

    Who takes it, who may not, and who reads it stands in the policy; the process fills in `role` (whose step it is),
    `by_itself` (the portal takes it on its date) and `for_some_only` (not all who see the document read its note).
    """

    key: str
    title: str
    asks: str
    chapter: str
    section: str
    done: str
    done_when: tuple[tuple[When, str], ...] = ()
    advice: Callable[[Situation], Iterable[str]] | None = None
    """What whoever takes the step should know first, in sentences."""
    fields: tuple[Field, ...] = ()
    starts: bool = False
    opens: Condition = field(default_factory=Never)
    repeats: Condition = field(default_factory=Never)
    closed_by: Condition = field(default_factory=Never)
    waits: Condition | None = None
    opens_on: tuple[str, str] | Callable[[Mapping[str, Any]], date | None] | None = None
    after_end: bool = False
    each_anew: bool = False
    remind_after: tuple[int, ...] = (14,)
    goal: Goal | None = None
    due_on: Callable[[Mapping[str, Any]], date | None] | None = None
    if_late: IfLate | None = None
    check: Check | None = None
    status: str | None = None
    status_when: tuple[tuple[Condition, str], ...] = ()
    letters: tuple[Letter, ...] = ()
    tells: tuple[Tell, ...] = ()
    delays: str = ""
    """The step whose delay its field `delay_reason` explains."""
    records: Callable[[Situation, Answers], Json] | None = None
    """What the portal adds to the answers by itself: checksums of what was signed, for one."""
    begins: Callable[[Situation, Answers], Beginning] | None = None
    """Another document that is begun with this step; its id is then the fact `begun`, for `records`."""
    passes_on: Callable[[Json], Iterable[Passing]] | None = None
    """What the portal takes on other documents with this step, worked out of the document that the step makes."""
    template: str = "step.html"
    shows: tuple[str, ...] = ()
    """Steps whose record stands open beside the form, when that shows records at all."""
    overviews: tuple[str, ...] = ()
    """Overviews that stand above the form, by their keys, when its template shows them."""
    check_first: bool = False
    keeps_draft: bool = False
    instead: tuple[str, ...] = ()
    """Steps, by their keys, that answer the same question in another way: its page leads to those that are open."""
    confirm_label: str = ""
    """The words on the button that takes the step."""
    role: str = ""
    by_itself: bool = False
    for_some_only: bool = False

    def done_words(self, answers: Mapping[str, Any]) -> str:
        """What was done, to follow a name: `returned the application`."""
        return next((words for when, words in self.done_when if when.holds(answers)), self.done)

    @property
    def waits_ever(self) -> bool:
        """Whether it can ever stand in an inbox."""
        return not isinstance(self.waits, Never)

    def field(self, name: str) -> "Field":
        """The field of this name. Raises KeyError."""
        for one in self.fields:
            if one.name == name:
                return one
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Role:
    """A role: what it is called, and which of a document's values a person's grant must share (`scope`)."""

    key: str
    title: str
    scope: tuple[str, ...]
    does: str
    in_a_sentence: str = ""
    """What a sentence calls it: `the Process Manager`, unless it is said otherwise."""

    def __post_init__(self) -> None:
        """A title takes its article."""
        if not self.in_a_sentence:
            object.__setattr__(self, "in_a_sentence", f"the {self.title}")


@dataclass(frozen=True, slots=True)
class Grant:
    """One role that a person holds, with the values that limit it: {"lcsa": "Kern", "organization": "Kern IV-A"}."""

    role: str
    scope: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the person's email, name, and grants. The portal itself, acting on a date, is `BY_ITSELF`."""

    email: str
    name: str
    grants: tuple[Grant, ...] = ()

    def holds(self, role: str) -> bool:
        """Whether the person holds this role, in whatever scope."""
        return any(grant.role == role for grant in self.grants)


BY_ITSELF = Actor("portal", "The portal, on the date")


@dataclass(frozen=True, slots=True)
class Criterion:
    """One of the conditions under which access is given, met or not, and by which step [2]."""

    number: int
    words: str
    met: Condition
    by: tuple[str, ...]


class Elsewhere(Protocol):
    """What a process may ask of the world outside one document, while nothing in it can change."""

    def held(self, key: str, besides: str | None = None) -> int:
        """The sum of `holdings[key]` over all documents besides this one."""

    def holder(self, claim: str, value: str) -> str | None:
        """The id of the document that holds this claim, or None."""

    def document(self, document_id: str) -> Json | None:
        """Another document as it is, or None when there is none of this id."""

    def documents_of(self, lcsa: str, organization: str) -> list[Json]:
        """Every document of an organization that can be read, the earliest first."""

    def holders(self, role: str, lcsa: str) -> list[Json]:
        """Who holds a role of this LCSA: name, title, phone and email of each."""

    def kept(self, kind: str, key: str) -> Json | None:
        """A record of the portal: a conversion date, for one."""

    def is_whole(self, sha256: str) -> bool:
        """Whether the file of this checksum is kept, and still has it."""

    def text_of(self, letter: str) -> str:
        """The SHA-256 of the text (the template) in which this letter is drawn today."""

    def setting(self, name: str) -> Any:
        """A setting of the portal: `mou_term_months`, for one."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process: a table of steps and what goes with it.

    `header` works out the document's scope values (`lcsa`, `organization`) from what the starting step recorded.
    `facts` gathers what the checks of a step must know of elsewhere, for this document and these answers. `claims` and
    `holdings` are worked out from the document, for the store to hold unique and to add up. After a status among
    `ended` no step is open. `policy` says who may do what: a step that it does not name is nobody's.
    """

    key: str
    title: str
    prefix: str
    roles: tuple[Role, ...]
    chapters: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]
    statuses: tuple[tuple[str, str], ...]
    header: Callable[[Json], Mapping[str, str]]
    policy: Policy = field(default_factory=Policy)
    ended: frozenset[str] = frozenset()
    behind: frozenset[str] = frozenset()
    """Steps that what was read in opens for nobody: they were taken, or left out, before the portal was there."""
    arrived: frozenset[str] = frozenset()
    """Statuses of a document that has come where the process leads, whatever is still done beside."""
    criteria: tuple[Criterion, ...] = ()
    facts: Callable[[Elsewhere, Step, Json, Answers, Actor], Mapping[str, Any]] = lambda *_: {}
    claims: Callable[[Json], Mapping[str, str]] = lambda document: {}
    holdings: Callable[[Json], Mapping[str, int]] = lambda document: {}
    overviews: tuple[Overview, ...] = ()
    """What a document says at a glance: drawn on pages, and put into the evidence package."""
    concerns: Callable[[Json, date], Iterable[Concern]] = lambda document, today: ()
    """What stands out on a document as its reader may read it, on a date (California's)."""
    standing: Callable[[Json, date], Iterable[Fact]] = lambda document, today: ()
    """How a document that has come where the process leads stands on a date, as its reader may read it."""
    stand_for: Callable[[Json, str], Sequence[str]] = lambda document, who: (who,)
    """Whom a name in `Tell` or `Letter` means on this document, in the same words: others may stand for one whom it
    does not name.
    """
    contacts: Callable[[Json], Iterable[Contact]] = lambda document: ()
    """Whom a document names to turn to about it, as far as its reader may read of them."""
    related: Callable[[Json], Iterable[tuple[str, str]]] = lambda document: ()
    """Other documents that this one names, each with words to stand before its id: `It renews`."""
    waited_for: tuple[tuple[Step, frozenset[str]], ...] = field(init=False, repr=False, compare=False)
    """The steps that can ever stand in an inbox, each with the roles that may take it."""
    way: Way = field(init=False, repr=False, compare=False)
    """The steps through which a document goes, and which opens which: read from the table."""
    _steps: Mapping[str, Step] = field(init=False, repr=False, compare=False)
    _roles: Mapping[str, Role] = field(init=False, repr=False, compare=False)
    _delayed: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Fills in, for each step, what the policy says of it; notes steps and roles by their keys, since a page asks
        for hundreds.
        """
        filled = (
            replace(
                step,
                role=self.policy.whose(step.key),
                by_itself=self.policy.takes_itself(step.key),
                for_some_only=self.policy.is_for_some_only(step.key),
            )
            for step in self.steps
        )
        object.__setattr__(self, "steps", tuple(filled))
        waited_for = ((step, self.policy.takers(step.key)) for step in self.steps if step.waits_ever)
        object.__setattr__(self, "waited_for", tuple(waited_for))
        object.__setattr__(self, "way", way_of(self.steps, self.arrived))
        object.__setattr__(self, "_steps", {step.key: step for step in self.steps})
        object.__setattr__(self, "_roles", {role.key: role for role in self.roles})
        object.__setattr__(self, "_delayed", frozenset(step.delays for step in self.steps if step.delays))

    def step(self, key: str) -> Step:
        """The step with this key. Raises `NoSuchStep`."""
        try:
            return self._steps[key]
        except KeyError:
            raise NoSuchStep(self.key, key) from None

    def role(self, key: str) -> Role:
        """The role with this key. Raises KeyError."""
        return self._roles[key]

    def overviews_of(self, keys: Iterable[str]) -> list[Overview]:
        """The overviews with these keys, in that order. Raises KeyError."""
        by_key = {overview.key: overview for overview in self.overviews}
        return [by_key[key] for key in keys]

    @property
    def starting_step(self) -> Step:
        """The step that makes a document."""
        return next(step for step in self.steps if step.starts)

    def may_be_delayed(self, step_key: str) -> bool:
        """Whether a reason can be given for this step's delay."""
        return step_key in self._delayed

    def status_title(self, status: str) -> str:
        """The words for a status."""
        return dict(self.statuses).get(status, status)

    def steps_of(self, chapter: str) -> Sequence[Step]:
        """The steps of a chapter, in their order."""
        return [step for step in self.steps if step.chapter == chapter]
