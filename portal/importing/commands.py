"""`flask import`: a sheet of organizations with access, read in on the command line."""

from pathlib import Path

import click
from flask import current_app
from werkzeug.datastructures import FileStorage

from portal import importing
from portal.audit.access_log import Origin
from portal.audit.from_request import acting
from portal.papers import PaperRefused, checked_workbook
from portal.parts import Portal
from portal.process.document import Json
from portal.process.no_case_data import find_ssn
from portal.process.step import Actor
from portal.store.errors import StoreError

FROM_COMMANDS = Origin("command line")
ROLE = "process-manager"


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", "only_check", is_flag=True, help="Only say what does not hold; import nothing.")
@click.option(
    "--rows-that-hold", is_flag=True, help="Import these, and write the others beside FILE with what is wrong."
)
@click.option("--by", "email", default="", help="The Process Manager in whose name, where there are several.")
def import_command(file: Path, only_check: bool, rows_that_hold: bool, email: str) -> None:
    """Read in FILE, an .xlsx of organizations with access today. 0: imported, or all holds; 1: not; 2: no sheet."""
    portal: Portal = current_app.extensions["portal"]
    actor = _who(portal, email)
    try:
        record = _received(portal, actor, file)
        if record["state"] == "done":
            click.echo("This very file was imported already: nothing was done again.")
            return
        if record["state"] == "checked":
            problems = importing.problems_in(importing.plan_of(portal, record))
            for one in problems:
                click.echo(f"{one.sheet}, {one.cell}: {one.message}", err=True)
            click.echo(f"{record['holding']} of {record['rows']} rows hold.")
            if only_check or (problems and not rows_that_hold) or not record["holding"]:
                raise SystemExit(1 if problems else 0)
            record = importing.begin(portal, actor, record["sha256"], rows_that_hold, FROM_COMMANDS)
        elif only_check:
            click.echo(f"Begun: {record['done']} of {record['holding']} rows are imported.")
            return
        record = _made(portal, actor, record)
    except importing.SheetRefused as refusal:
        for one in refusal.problems:
            click.echo(f"{one.sheet}, {one.cell}: {one.message}", err=True)
        click.echo(f"not read: {refusal}", err=True)
        raise SystemExit(2) from refusal
    except (PaperRefused, importing.NotBegun, StoreError) as refusal:
        click.echo(f"not imported: {refusal}", err=True)
        raise SystemExit(2) from refusal
    _give_back(portal, record, file)


def _who(portal: Portal, email: str) -> Actor:
    """In whose name: the one Process Manager, or the one named. Raises `click.ClickException`."""
    managers = {person.email: person.actor for person in portal.people.with_role(ROLE)}
    if email:
        if email.strip().lower() not in managers:
            raise click.BadParameter("This is no Process Manager's address.", param_hint="--by")
        return managers[email.strip().lower()]
    if len(managers) != 1:
        raise click.ClickException(
            f"There are {len(managers)} Process Managers: say with --by in whose name this is read in."
        )
    return next(iter(managers.values()))


def _received(portal: Portal, actor: Actor, file: Path) -> Json:
    with file.open("rb") as stream:
        paper = checked_workbook(FileStorage(stream, file.name), portal.scanner)
    if find_ssn(paper.name):
        raise importing.SheetRefused("The file's name holds what looks like a social security number. Rename it.")
    with acting("check a sheet to import", paper.sha256[:12], who=actor.email):
        return importing.receive(portal, actor, paper.name, paper.content)


def _made(portal: Portal, actor: Actor, record: Json) -> Json:
    """The record of the finished import. A bar shows how far it is."""
    with click.progressbar(length=record["holding"], label="Importing") as bar:
        bar.update(record["done"])
        for after in importing.go_on(portal, actor, record["sha256"], float("inf"), FROM_COMMANDS):
            bar.update(after["done"] - record["done"])
            record = after
    return record


def _give_back(portal: Portal, record: Json, file: Path) -> None:
    plan = importing.plan_of(portal, record)
    click.echo(f"{record['done'] - len(record['missed'])} agreements imported")
    if plan["left"] or plan["left_users"] or record["missed"]:
        beside = file.with_name(f"{file.stem}-left.xlsx")
        with importing.left_file(plan, record["missed"]) as left:
            beside.write_bytes(left.read())
        click.echo(f"{len(plan['left']) + len(record['missed'])} rows were left: {beside}")
