"""Making documents of a checked sheet: in pieces, so that a kill between or in them leaves nothing half done.

What a sheet came to is kept as a file, its plan, and how far its import has come as a record, by the SHA-256 of the
workbook. A piece is one block of writing: documents, lines of the access log and the record's count. A store that keeps
each write sooner may, when it is killed, keep some documents and not the count: whoever goes on finds them by what
their first entry says of sheet and row, and makes none twice.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from portal.audit import Act, Outcome
from portal.audit.access_log import BY_ITSELF, Origin
from portal.importing.checking import Checked, Row, check
from portal.importing.columns import ALWAYS, OF_THE_APPLICATION
from portal.importing.problems import CellProblem
from portal.importing.reading import Cells, Formula, Sheet, read
from portal.organizations import name_as_compared
from portal.parts import Portal
from portal.process import policy
from portal.process.document import Json, at_utc, was_read_in
from portal.process.errors import ProcessError
from portal.process.goals import california_date
from portal.process.step import Actor, Step
from portal.process.take_step import advance
from portal.store.errors import ClaimTaken, Conflict, Damaged, NotFound, Unavailable
from portal.store.port import Listed, Search, Writing

IMPORTS = "imports"
"""Records of sheets that were read, by the SHA-256 of the workbook: what is in each, how far its import has come."""

CHECKED, BEGUN, DONE = "checked", "begun", "done"
"""Where an import stands."""

PIECE = 25
"""So many agreements are made in one block of writing: others who write wait for it."""

MOST_TRIES = 5
"""So often in a row a piece is tried again that somebody else came before."""

FIRST_MADE = 200
"""So many documents that were made the record names: row, id, LCSA and organization."""

IMPORTING = "importing.begin"
"""The page whose row in the policy says who imports."""

_PAGE = 2_000


class MayNotImport(ProcessError):
    """Reading in agreements is not for this person; `why` says for whom it is."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class NoSuchImport(LookupError):
    """No sheet with this checksum was checked."""


class NotBegun(ProcessError):
    """The import cannot begin, or go on, as it was asked; `why` says so. Nothing was made."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def receive(portal: Portal, actor: Actor, name: str, content: bytes) -> Json:
    """The record of this workbook's import, checked as the portal is now; as it is, when it was begun or is done.

    Nothing is imported yet. Raises `MayNotImport`, `SheetRefused`, `Unavailable`.
    """
    _require_right(portal, actor)
    sha256 = hashlib.sha256(content).hexdigest()
    before = portal.store.get_record(IMPORTS, sha256)
    if before is not None and before["state"] != CHECKED:
        return {**before, "sha256": sha256}
    checked = check(portal.process, read(content), _Now(portal))
    plan = portal.store.put_file(_as_json(checked))
    record = {
        "name": name,
        "state": CHECKED,
        "plan": plan,
        "rows": len(checked.sheet.rows),
        "holding": len(checked.holding),
        "users": sum(len(one["users"]) for one in checked.holding),
        "problems": len(checked.problems),
        "done": 0,
        "missed": [],
        "first_made": [],
        "by": actor.email,
        "by_name": actor.name,
        "at": at_utc(portal.clock()),
    }
    return {**portal.store.put_record(IMPORTS, sha256, record), "sha256": sha256}


def find(portal: Portal, sha256: str) -> Json:
    """The record of an import. Raises `NoSuchImport`."""
    record = portal.store.get_record(IMPORTS, sha256)
    if record is None:
        raise NoSuchImport(sha256)
    return {**record, "sha256": sha256}


def recent(portal: Portal) -> list[Json]:
    """Every import that was checked, the last first."""
    found = [{**record, "sha256": key} for key, record in portal.store.records(IMPORTS)]
    return sorted(found, key=lambda record: record["at"], reverse=True)


def plan_of(portal: Portal, record: Mapping[str, Any]) -> Json:
    """What the sheet came to when it was checked: its agreements, and the rows that were left. Not to be changed."""
    return _plan(portal.store.get_file, record["plan"])


@lru_cache(maxsize=2)  # a large sheet's is read for every piece
def _plan(get_file: Callable[[str], bytes], sha256: str) -> Json:
    plan: Json = json.loads(get_file(sha256))
    return plan


def begin(portal: Portal, actor: Actor, sha256: str, only_rows_that_hold: bool, origin: Origin = BY_ITSELF) -> Json:
    """Begins the import, and returns its record; nothing is made yet. As it is, when it was begun or is done.

    Raises `MayNotImport`, `NoSuchImport`; `NotBegun` when no row holds, or some do not and nobody said that those
    are to be left.
    """
    _require_right(portal, actor)
    record = find(portal, sha256)
    if record["state"] != CHECKED:
        return record
    if not record["holding"]:
        raise NotBegun("None of the rows holds: there is nothing to import.")
    if not only_rows_that_hold:
        if record["problems"]:
            raise NotBegun("Some rows do not hold. Say whether only the others are to be imported.")
        if _changed_meanwhile(portal, plan_of(portal, record)):
            raise NotBegun("Something changed in the portal since the sheet was checked. Send it again.")
    act = Act(actor.email, "import agreements", sha256[:12], "process-manager", origin, f"{record['holding']} rows")
    portal.log.write(act, Outcome.BEGUN)
    begun = {**record, "state": BEGUN, "begun_by": actor.email, "begun_at": at_utc(portal.clock())}
    begun.pop("sha256")
    return {**portal.store.put_record(IMPORTS, sha256, begun, record["revision"]), "sha256": sha256}


def go_on(portal: Portal, actor: Actor, sha256: str, seconds: float, origin: Origin = BY_ITSELF) -> Iterator[Json]:
    """Makes agreements for about so many seconds, or until all are made; the record after each piece, the last as kept.

    Raises `MayNotImport`, `NoSuchImport`, `NotBegun`; `Unavailable`: what was made until then stays.
    """
    _require_right(portal, actor)
    record = find(portal, sha256)
    if record["state"] == CHECKED:
        raise NotBegun("This import was not begun.")
    plan, until = plan_of(portal, record), time.monotonic() + seconds
    tries = 0
    while record["state"] == BEGUN:
        try:
            record = _piece(portal, actor, sha256, plan, origin)
            if record["done"] == len(plan["holding"]):
                record = _finish(portal, actor, record, origin)
            tries = 0
        except (
            Conflict,
            ClaimTaken,
            Unavailable,
        ):  # somebody else finished it, was given the office ID, or locks crossed
            tries += 1
            if tries == MOST_TRIES:
                raise
            record = find(portal, sha256)
        yield record
        if time.monotonic() >= until:
            return


def _piece(portal: Portal, actor: Actor, sha256: str, plan: Json, origin: Origin) -> Json:
    """One block of writing: the next agreements, each with its line in the access log, and how far the import is."""
    now = portal.clock()
    act = Act(actor.email, "read in an agreement", role="process-manager", origin=origin)
    with portal.log.telling(act) as tell, portal.store.writing() as writing:
        writing.holder(IMPORTS, sha256)  # nobody holds that; whoever asks waits until others who asked are done
        record = find(portal, sha256)
        rows = plan["holding"][record["done"] : record["done"] + PIECE]
        if not rows:
            return record
        missed, first_made = list(record["missed"]), list(record["first_made"])
        for row, why in _in_the_way(portal, writing, sha256, rows):
            if why:
                missed += [[row["row"], why]] if why != MADE else []
                continue
            sheet = {"file": record["name"], "sha256": sha256, "row": row["row"]}
            new_id = writing.new_id(portal.process.prefix, california_date(now).year)
            document = document_of(portal, row, sheet, actor, now, new_id)
            tell(writing, record=new_id, why=f"row {row['row']} of {sha256[:12]}")
            writing.add(document)
            first_made.append([row["row"], new_id, document["lcsa"], document["organization"]])
        count = {"done": record["done"] + len(rows), "missed": missed, "first_made": first_made[:FIRST_MADE]}
        after = {**record, **count}
        after.pop("sha256")
        return {**portal.store.put_record(IMPORTS, sha256, after, record["revision"]), "sha256": sha256}


def _finish(portal: Portal, actor: Actor, record: Json, origin: Origin) -> Json:
    made = record["done"] - len(record["missed"])
    act = Act(actor.email, "import agreements", record["sha256"][:12], "process-manager", origin, f"{made} made")
    portal.log.write(act)
    done = {**record, "state": DONE, "done_at": at_utc(portal.clock())}
    done.pop("sha256")
    kept = portal.store.put_record(IMPORTS, record["sha256"], done, record["revision"])
    return {**kept, "sha256": record["sha256"]}


def _require_right(portal: Portal, actor: Actor) -> None:
    if not policy.may_open(policy.rows_opening(portal.processes, IMPORTING), actor):
        raise MayNotImport("Reading in agreements is for the Process Manager.")


# What stands in the way elsewhere.

MADE = "made"
"""What stands in a row's way is the agreement that was made of it before a kill."""


class _Now:
    """The portal as it is: which organizations of these LCSAs (None: of all) are on their way already, and which office
    IDs are taken.
    """

    def __init__(self, portal: Portal, lcsas: Iterable[str] | None = None) -> None:
        self._portal = portal
        self.today: date = portal.today
        self.term_from_requestor = portal.settings.mou_term_from == "requestor"
        self._named: dict[tuple[str, str], Listed] = {}
        for lcsa in [None] if lcsas is None else sorted(set(lcsas)):
            self._look(lcsa)

    def _look(self, lcsa: str | None) -> None:
        process = self._portal.process
        on_their_way = tuple(key for key, _ in process.statuses if key not in process.ended)
        search, offset = Search(process=process.key, statuses=on_their_way, lcsa=lcsa), 0
        while (page := self._portal.store.listed(search, offset, _PAGE)).rows:
            self._named |= {(one.lcsa, name_as_compared(one.organization)): one for one in page.rows}
            offset += _PAGE

    def document_of(self, lcsa: str, organization: str) -> str:
        """The number of the application that this organization has already; nothing when it has none."""
        found = self._named.get((lcsa, name_as_compared(organization)))
        return found.id if found else ""

    def under_way(self, lcsa: str, organization: str) -> str:
        """`TPA-2026-0007 (active)`, with the name that it has there when it is written otherwise; or nothing."""
        found = self._named.get((lcsa, name_as_compared(organization)))
        if found is None:
            return ""
        written = f", as “{found.organization}”" if found.organization != organization else ""
        return f"{found.id} ({self._portal.process.status_title(found.status).lower()}){written}"

    def office_id_holders(self, office_ids: Iterable[str]) -> Mapping[str, str]:
        """The holders of those that are taken. Others who write do not wait for all of them."""
        found: dict[str, str] = {}
        waiting = sorted(set(office_ids))
        while waiting:
            some, waiting = waiting[:_PAGE], waiting[_PAGE:]
            with self._portal.store.writing() as writing:
                found |= {one: holder for one in some if (holder := writing.holder("office-id", one))}
        return found


def _in_the_way(portal: Portal, writing: Writing, sha256: str, rows: Sequence[Json]) -> Iterator[tuple[Json, str]]:
    """Each row, with why no agreement can be made of it now (`MADE`: it was made already), else nothing."""
    now = _Now(portal, [row["values"]["lcsa"] for row in rows])
    for row in rows:
        lcsa, organization = row["values"]["lcsa"], row["values"]["organization"]
        office_id = row["values"].get("office_id", "").casefold()
        if there := now.document_of(lcsa, organization):
            yield row, MADE if _is_made_of(portal, there, sha256, row) else f"It is here already: {there}"
        elif office_id and (holder := writing.holder("office-id", office_id)):
            yield row, f"The office ID is taken by {holder}"
        else:
            yield row, ""


def _is_made_of(portal: Portal, document_id: str, sha256: str, row: Json) -> bool:
    """Whether this document was made of this row of the sheet."""
    try:
        document = portal.store.get(document_id)
    except (NotFound, Damaged):
        return False
    read_in = document["history"][0].get("read_in", {})
    return was_read_in(document) and (read_in["sha256"], read_in["row"]) == (sha256, row["row"])


def _changed_meanwhile(portal: Portal, plan: Json) -> bool:
    """Whether a row that held when the sheet was checked no longer does."""
    now, values = _Now(portal), [row["values"] for row in plan["holding"]]
    taken = now.office_id_holders([one["office_id"].casefold() for one in values if "office_id" in one])
    return bool(taken) or any(now.document_of(one["lcsa"], one["organization"]) for one in values)


# An agreement's document.


def document_of(
    portal: Portal, agreement: Json, sheet: Mapping[str, Any], actor: Actor, now: datetime, document_id: str
) -> Json:
    """The document of an agreement in force: an entry for each step of which its row tells, in the order of the way.

    Each is of this moment, by whoever imports, for the role whose step it is; what the sheet gives as its date stands
    in `read_in`. `sheet` says where it was read: file, sha256, row.
    """
    process, values = portal.process, agreement["values"]
    document: Json = {"id": document_id}
    for step in process.steps:
        answers, said = _answers(step, agreement), values.get(step.key)
        told = step.key in ALWAYS or (step.key == "set-up-accounts" and values.get("accounts_set_up"))
        if not (answers or said or told):
            continue
        entry: Json = {
            "step": step.key,
            "role": "process-manager",
            "actor": actor.email,
            "actor_name": actor.name,
            "at": at_utc(now),
            "answers": answers,
            "note": _note(step, sheet, said, values),
            "read_in": {**sheet, "on": said},
        }
        if step.role != "process-manager":
            entry["on_behalf_of"] = step.role
        document = advance(process, document, entry, portal.calendar)
    return document


def _answers(step: Step, agreement: Json) -> Json:
    """What the row says of this step, by the names of its answers."""
    values, users = agreement["values"], agreement["users"]
    match step.key:
        case "identify-requestor":
            names = _same("lcsa organization_type recommended_accounts invitee_address")
            return _given(values, {**names, "organization": "organization_name"})
        case "complete-application":
            return _given(values, _same(" ".join(("users_requested", *OF_THE_APPLICATION))))
        case "decide":
            return {"decision": "accept", **_given(values, _same("accounts_granted security_profile"))}
        case "sign-mou":
            return _given(values, {step.key: "signed_on"})
        case "countersign-mou":
            return _given(values, {step.key: "signed_on", "term_start": "effective_on", "term_end": "expires_on"})
        case "create-office-id":
            return _given(values, _same("office_id"))
        case "certify-users":
            names = _same("name email job_title trained_on statement_signed_on")
            return {"users": [_given(user, names) for user in users]} if users else {}
        case "set-up-accounts":
            profile = {"security_profile": values.get("security_profile")}
            names = _same("email user_id set_up_on")
            accounts = [{**_given(user, names), **profile} for user in users if "user_id" in user]
            return {"accounts": accounts} if accounts else {}
        case _:
            return {}


def _same(names: str) -> dict[str, str]:
    return {name: name for name in names.split()}


def _given(values: Mapping[str, Any], names: Mapping[str, str]) -> Json:
    return {name: values[key] for key, name in names.items() if key in values}


def _note(step: Step, sheet: Mapping[str, Any], said: str | None, values: Mapping[str, Any]) -> str:
    words = f"Read in from {sheet['file']}, row {sheet['row']}. "
    on = f"{date.fromisoformat(said):%B %-d, %Y}" if said else ""
    words += f"The step’s date there: {on}." if said else "It gives no date of this step."
    if step.key == "set-up-accounts" and "accounts_set_up" in values:
        words += f" Accounts set up, by its count: {values['accounts_set_up']}."
    return words


# The plan, as it is kept.


def _as_json(checked: Checked) -> bytes:
    plan = {
        "sheet": _sheet(checked.sheet),
        "users_sheet": _sheet(checked.users_sheet) if checked.users_sheet else None,
        "unread": checked.unread,
        "holding": checked.holding,
        "left": _rows(checked.left),
        "left_users": _rows(checked.left_users),
    }
    return json.dumps(plan, ensure_ascii=False, sort_keys=True).encode()


def _sheet(sheet: Sheet) -> Json:
    return {"name": sheet.name, "headings": _cells(sheet.headings)}


def _rows(rows: Sequence[Row]) -> list[Json]:
    return [
        {"row": row.cells.number, "cells": _cells(row.cells), "problems": [asdict(one) for one in row.problems]}
        for row in rows
    ]


def _cells(cells: Cells) -> list[list[Any]]:
    """Each cell that is not blank: its place, and what stands there, a date as `{"date": ...}`."""
    return [[place, _plain_value(value)] for place, value in cells.values.items()]


def _plain_value(value: Any) -> Any:
    if isinstance(value, Formula):
        return value.text
    return {"date": value.isoformat()} if isinstance(value, date) else value


def problems_in(plan: Mapping[str, Any]) -> list[CellProblem]:
    """Everything that does not hold, sheet by sheet."""
    return [CellProblem(**one) for row in (*plan["left"], *plan["left_users"]) for one in row["problems"]]
