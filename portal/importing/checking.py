"""Whether each row of a sheet can be an agreement in force: what does not hold, by cell.

What a sheet does not say is not invented: a blank cell is nothing to answer, unless nothing could be kept without it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from portal import typed
from portal.importing.columns import USERS, WRONG, Column, by_heading, organization_columns, plain, user_columns
from portal.importing.problems import CellProblem, SheetRefused
from portal.importing.reading import Cells, Formula, Sheet, Value, merged_cells
from portal.organizations import name_as_compared
from portal.process.check_answers import NO_SSN, problems_of
from portal.process.document import Json
from portal.process.no_case_data import find_ssn
from portal.process.step import Field, Kind, Process, Situation
from portal.process.third_party_access.reference import LCSAS

SOONER_FIRST = (
    "identify-requestor",
    "complete-application",
    "decide",
    "send-decision",
    "sign-mou",
    "countersign-mou",
    "post-approval",
    "confirm-access",
)
"""Steps of which none is taken before the one above it; others may be taken again later."""

PROFILES = {"iv-a": "iv-a-read-only", "iv-e": "iv-e-read-only"}
"""The security profile that follows from an organization's kind; of others it has to be said."""

_LCSAS = {plain(name): name for name in LCSAS}
_KINDS = {
    "iv-a": "iv-a",
    "iv-e": "iv-e",
    "district attorney": "district-attorney",
    "child abduction": "child-abduction",
}
"""What a name has to hold to say of which kind the organization is."""


class Elsewhere(Protocol):
    """What the check of a sheet asks of the portal that it is to be read into."""

    today: date
    term_from_requestor: bool
    """Whether a term runs from the Requestor's signature, so that DCSS signs after it."""

    def under_way(self, lcsa: str, organization: str) -> str:
        """The number of the application that this organization has already, with its status; else nothing."""

    def office_id_holders(self, office_ids: Iterable[str]) -> Mapping[str, str]:
        """For each of these office IDs, in small letters, that is taken: which application holds it."""


@dataclass(slots=True)
class Row:
    """A row of a sheet as it was read: its cells, and what they say, by the keys of their columns."""

    cells: Cells
    values: Json = field(default_factory=dict)
    problems: list[CellProblem] = field(default_factory=list)


@dataclass(slots=True)
class Checked:
    """A sheet, checked. `holding` are what the rows that hold tell of, each an agreement as `making` takes it; `left`
    are the others, and `left_users` the users of those.
    """

    sheet: Sheet
    users_sheet: Sheet | None
    unread: tuple[str, ...]
    holding: list[Json]
    left: list[Row]
    left_users: list[Row]

    @property
    def problems(self) -> list[CellProblem]:
        """Everything that does not hold, sheet by sheet and row by row."""
        return [problem for row in (*self.left, *self.left_users) for problem in row.problems]


def check(process: Process, sheets: Sequence[Sheet], elsewhere: Elsewhere) -> Checked:
    """The sheet, each row checked. Raises `SheetRefused` where no row can be: wrong headings, what looks like a social
    security number.
    """
    _refuse_ssn(sheets)
    main = next((one for one in sheets if plain(one.name) != plain(USERS)), None)
    if main is None:
        raise SheetRefused("There is only a sheet of users. The organizations come first, in a sheet of their own.")
    users_sheet = next((one for one in sheets if plain(one.name) == plain(USERS) and one.headings.values), None)
    unread = tuple(one.name for one in sheets if one not in (main, users_sheet) and one.headings.values)
    columns, wrong = _columns(main, organization_columns(process))
    of_users, wrong_too = _columns(users_sheet, user_columns(process)) if users_sheet else ({}, [])
    if wrong or wrong_too:
        raise SheetRefused("The headings are not those of the sheet.", [*wrong, *wrong_too])
    if not main.rows:
        raise SheetRefused(f"There is no organization in the sheet “{main.name}”.")
    rows = [_row(main, cells, columns, elsewhere.today) for cells in main.rows]
    users = [_row(users_sheet, cells, of_users, elsewhere.today) for cells in users_sheet.rows] if users_sheet else []
    _Agreements(process, main, columns, elsewhere).check(rows)
    of_row = _users_by_row(users_sheet, of_users, rows, users) if users_sheet else {}
    holding, left, left_users = [], [], []
    claimed = {id(user) for those in of_row.values() for user in those}
    for row in rows:
        those = of_row.get(id(row), [])
        if users_sheet:
            _check_users(main, columns, users_sheet, of_users, row, those)
        if row.problems or any(user.problems for user in those):
            left.append(row)
            left_users += those
        else:
            holding.append(_agreement(row, those))
    left_users += [user for user in users if id(user) not in claimed]
    return Checked(main, users_sheet, unread, holding, left, left_users)


def _refuse_ssn(sheets: Iterable[Sheet]) -> None:
    """Nothing is kept of a workbook that holds such a number anywhere, in its sheets that are not read either."""
    seen: dict[str, bool] = {}
    found = []
    for sheet in sheets:
        if find_ssn(sheet.name):
            raise SheetRefused("What looks like a social security number stands in a sheet's name. Nothing was kept.")
        for cells in (sheet.headings, *sheet.rows):
            for place, value in cells.values.items():
                if isinstance(value, date):
                    continue
                text = value.text if isinstance(value, Formula) else str(value)
                if text not in seen:
                    seen[text] = find_ssn(text)
                if seen[text]:
                    found.append(CellProblem(sheet.name, sheet.address(cells.number, place), NO_SSN))
    if found:
        raise SheetRefused(
            "There is what looks like a social security number in this workbook. Nothing of it was kept.", found
        )


def _columns(sheet: Sheet, known: Sequence[Column]) -> tuple[dict[str, tuple[int, Column]], list[CellProblem]]:
    """The sheet's columns by key, each with its place from 0; and what is wrong with the headings."""
    names, found, wrong = by_heading(known), {}, []
    for place, heading in sheet.headings.values.items():
        address = sheet.address(sheet.headings.number, place)
        if isinstance(heading, Formula):
            wrong.append(CellProblem(sheet.name, address, "This heading is a formula. Write the words in its place."))
            continue
        if plain(str(heading)) == plain(WRONG):
            continue
        column = names.get(plain(str(heading)))
        if column is None:
            words = f"“{str(heading)[:60]}” is no column of this sheet. Rename it, or take the column out."
            wrong.append(CellProblem(sheet.name, address, words))
        elif column.key in found:
            wrong.append(CellProblem(sheet.name, address, f"The column “{column.heading}” is there twice."))
        else:
            found[column.key] = (place, column)
    for column in known:
        if column.required and column.key not in found:
            first = sheet.address(sheet.headings.number, 0)
            wrong.append(CellProblem(sheet.name, first, f"The column “{column.heading}” is missing in this row."))
    return found, wrong


def _row(sheet: Sheet, cells: Cells, columns: Mapping[str, tuple[int, Column]], today: date) -> Row:
    """The row with its values understood, each checked by itself."""
    row = Row(cells)

    def wrong(place: int, message: str) -> None:
        row.problems.append(CellProblem(sheet.name, sheet.address(cells.number, place), message))

    for name, first, last in merged_cells(sheet):
        if first <= cells.number <= last:
            wrong(0, f"{name} are merged. Unmerge them, and write into each cell what it says.")
    headed = {place for place, _ in columns.values()}
    for place in cells.values:
        if place not in headed and place not in sheet.headings.values:
            wrong(place, "There is no heading over this cell.")
    for place, column in columns.values():
        value = cells.values.get(place)
        if column.field is None:
            continue
        if value is None:
            if column.required:
                wrong(place, f"This cannot be blank: {column.heading}")
            continue
        if isinstance(value, Formula):
            wrong(place, "This cell holds a formula. Put in its place what it comes to.")
            continue
        understood, why = _understood(column.field, value)
        why = why or next(iter(problems_of(column.field, understood, today)), "")
        if why:
            wrong(place, why)
        else:
            row.values[column.key] = understood
    return row


def _understood(asked: Field, value: Value) -> tuple[Any, str]:
    """The cell's value as the core takes it, or why it cannot be understood."""
    try:
        match asked.kind:
            case Kind.DATE:
                if isinstance(value, date):
                    return value.isoformat(), ""
                if isinstance(value, str):
                    return typed.iso_date(value), ""
                return None, "This is a number, and no date. Format the cell as a date."
            case Kind.NUMBER:
                return (value, "") if isinstance(value, int) else (typed.whole_number(str(value)), "")
            case Kind.CHOICE:
                words = {plain(one): choice.value for choice in asked.choices for one in (choice.value, choice.label)}
                values = ", ".join(choice.value for choice in asked.choices)
                return words.get(plain(str(value))), "" if plain(str(value)) in words else f"Choose one of: {values}"
            case _:
                return typed.text(value.isoformat() if isinstance(value, date) else str(value)), ""
    except typed.NotUnderstood as error:
        return None, str(error)


@dataclass(slots=True)
class _Agreements:
    """Checks rows of organizations as wholes, and against each other."""

    process: Process
    sheet: Sheet
    columns: Mapping[str, tuple[int, Column]]
    elsewhere: Elsewhere
    taken: Mapping[str, str] = field(default_factory=dict)
    named: dict[tuple[str, str], Row] = field(default_factory=dict)
    office_ids: dict[str, int] = field(default_factory=dict)

    def check(self, rows: Iterable[Row]) -> None:
        """Adds to each row what is wrong with it."""
        rows = list(rows)
        said = [row.values["office_id"].casefold() for row in rows if "office_id" in row.values]
        self.taken = self.elsewhere.office_id_holders(said)
        for row in rows:
            if plain(row.values.get("status", "active")) != "active":
                words = "Only organizations with access today are read in: “Active”, or blank."
                row.problems = [_at(self.sheet, self.columns, row, "status", words)]  # whatever else it lacks
                continue
            for key, message in (*self._of_organization(row), *self._of_numbers(row), *self._of_dates(row)):
                row.problems.append(_at(self.sheet, self.columns, row, key, message))

    def _of_organization(self, row: Row) -> Iterator[tuple[str, str]]:
        values = row.values
        if "lcsa" in values:
            known = _LCSAS.get(plain(values["lcsa"]))
            if known is None:
                yield "lcsa", f"There is no LCSA called “{values['lcsa'][:60]}”. Write it as the Matrix does."
                return
            values["lcsa"] = known
        if "organization" in values and "lcsa" in values:
            before = self.named.setdefault((values["lcsa"], name_as_compared(values["organization"])), row)
            if before is not row:
                written = before.values["organization"]
                as_written = f", as “{written}”" if written != values["organization"] else ""
                yield "organization", f"This organization is in row {before.cells.number} already{as_written}"
            elif holder := self.elsewhere.under_way(values["lcsa"], values["organization"]):
                yield "organization", f"This organization is here already: {holder}"
            if "organization_type" not in values and (kind := _kind_named(values["organization"])):
                values["organization_type"] = kind
        if "security_profile" not in values and values.get("organization_type") in PROFILES:
            values["security_profile"] = PROFILES[values["organization_type"]]
        if "office_id" in values:
            yield from self._of_office_id(row)

    def _of_office_id(self, row: Row) -> Iterator[tuple[str, str]]:
        office_id = row.values["office_id"]
        before = self.office_ids.setdefault(office_id.casefold(), row.cells.number)
        if before != row.cells.number:
            yield "office_id", f"This office ID is in row {before} already"
            return
        facts = {"office_id_holder": self.taken.get(office_id.casefold())}
        check = self.process.step("create-office-id").check
        situation = Situation({}, facts, self.elsewhere.today)
        for problem in check(situation, {"office_id": office_id}) if check else ():
            yield "office_id", problem.message

    def _of_numbers(self, row: Row) -> Iterator[tuple[str, str]]:
        granted, in_use = row.values.get("accounts_granted"), row.values.get("accounts_set_up", 0)
        if granted is not None and in_use > granted:
            yield "accounts_set_up", f"{in_use} are more than the {granted} granted"

    def _of_dates(self, row: Row) -> Iterator[tuple[str, str]]:
        values = row.values
        start, end = values.get("term_start"), values.get("term_end")
        if start and end and end <= start:
            yield "term_end", "The term ends before it starts"
        elif end and end < self.elsewhere.today.isoformat():
            yield "term_end", "This term is over: only agreements in force are read in"
        if start and start > self.elsewhere.today.isoformat():
            yield "term_start", "This term has not begun: only agreements in force are read in"
        for signed in ("sign-mou",) if self.elsewhere.term_from_requestor else ("sign-mou", "countersign-mou"):
            if start and values.get(signed, "") > start:
                yield signed, f"It was signed after it came into effect on {start}"
        before = ""
        for key in SOONER_FIRST:
            if day := values.get(key):
                if before and day < values[before]:
                    heading = self.columns[before][1].heading
                    yield key, f"This is before “{heading}”, which was on {values[before]}"
                before = key


def _at(sheet: Sheet, columns: Mapping[str, tuple[int, Column]], row: Row, key: str, message: str) -> CellProblem:
    return CellProblem(sheet.name, sheet.address(row.cells.number, columns[key][0] if key in columns else 0), message)


def _kind_named(organization: str) -> str:
    """The kind that an organization's name says, if it says one."""
    named = f" {plain(organization)} "
    found = [kind for words, kind in _KINDS.items() if f" {words} " in named]
    return found[0] if len(found) == 1 else ""


def _users_by_row(
    sheet: Sheet, columns: Mapping[str, tuple[int, Column]], rows: Iterable[Row], users: Iterable[Row]
) -> dict[int, list[Row]]:
    """The users of each organization, by their rows' identity; one of whom there is none gets a problem."""
    by_name: dict[tuple[str, str], Row] = {}
    for row in rows:
        if "lcsa" in row.values and "organization" in row.values:
            by_name.setdefault((plain(row.values["lcsa"]), name_as_compared(row.values["organization"])), row)
    found: dict[int, list[Row]] = defaultdict(list)
    for user in users:
        if "lcsa" not in user.values or "organization" not in user.values:
            continue
        row_of = by_name.get((plain(user.values["lcsa"]), name_as_compared(user.values["organization"])))
        if row_of is None:
            words = "This organization is not in the first sheet"
            user.problems.append(_at(sheet, columns, user, "organization", words))
        else:
            found[id(row_of)].append(user)
    return found


def _check_users(
    sheet: Sheet,
    columns: Mapping[str, tuple[int, Column]],
    users_sheet: Sheet,
    of_users: Mapping[str, tuple[int, Column]],
    row: Row,
    users: Sequence[Row],
) -> None:
    """An organization's users: each once, none with half an account, not more than accounts were granted."""
    emails: dict[str, int] = {}
    user_ids: dict[str, int] = {}

    def wrong(user: Row, key: str, message: str) -> None:
        user.problems.append(_at(users_sheet, of_users, user, key, message))

    for user in users:
        values, number = user.values, user.cells.number
        if "email" in values and (before := emails.setdefault(values["email"].casefold(), number)) != number:
            wrong(user, "email", f"This user is in row {before} already")
        if "user_id" in values:
            if (before := user_ids.setdefault(values["user_id"].casefold(), number)) != number:
                wrong(user, "user_id", f"This user ID is in row {before} already")
            if "security_profile" not in row.values and not row.problems:
                words = "The first sheet has to say which security profile this organization has"
                wrong(user, "user_id", words)
        if ("user_id" in values) != ("set_up_on" in values):
            missing = "set_up_on" if "user_id" in values else "user_id"
            wrong(user, missing, "A user with an account has a user ID and the date on which it was set up")
    granted = row.values.get("accounts_granted")
    if granted is not None and len(users) > granted:
        words = f"{len(users)} users are named in the sheet “{users_sheet.name}”, and {granted} accounts were granted"
        row.problems.append(_at(sheet, columns, row, "accounts_granted", words))


def _agreement(row: Row, users: Sequence[Row]) -> Json:
    """What a row that holds, and its users, tell of."""
    named = ("lcsa", "organization")
    of_users = [{key: value for key, value in user.values.items() if key not in named} for user in users]
    return {"row": row.cells.number, "values": row.values, "users": of_users}
