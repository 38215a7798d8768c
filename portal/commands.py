"""The commands of `flask`: daily, verify, backup, restore, move, evidence, demo, people."""

import json
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import click
from flask import Flask, current_app

from portal import daily, demo, keeping, organizations, sending_checkpoints, verify
from portal.audit import AccessLog, Outcome
from portal.audit.checkpoints import read as read_checkpoints
from portal.audit.from_request import act_of_request, acting, log_request
from portal.evidence import Reader, pieces
from portal.health import note_daily
from portal.importing.commands import import_command
from portal.notices import digest
from portal.parts import Portal
from portal.people.commands import people_cli
from portal.process.document import SCHEMA
from portal.store import open_store
from portal.store.as_read import as_kept
from portal.store.errors import StoreError
from portal.words import count


def add_to(app: Flask) -> None:
    """Puts the commands beside `flask run`."""
    for command in (*EVERY, people_cli):
        app.cli.add_command(command)


def _portal() -> Portal:
    portal: Portal = current_app.extensions["portal"]
    return portal


@click.command("daily")
@click.option(
    "--told-until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="First note that people were told of their tasks up to this day: after a clock that was ahead.",
)
def daily_command(told_until: datetime | None) -> None:
    """Do what the dates bring: steps that fall due, tasks that people are told of, and mail that waits.

    Twice is as good as once; after days without a run it does what was missed, in order.
    """
    with acting("run the daily work"):
        if told_until:
            digest.told_until(_portal(), told_until.date())
        day = daily.run(_portal())
        note_daily(_portal(), len(day.problems))
    for step in day.taken:
        click.echo(f"taken: {step}")
    if day.digests.mails:
        told = day.digests
        click.echo(
            f"{count(told.mails, 'digest')}: {count(told.new, 'new task')}, {told.waiting:,} still waiting, "
            f"{told.done:,} done by the portal"
        )
    click.echo(f"{len(day.taken)} steps taken, {day.queued} notices queued, {day.delivered} mails delivered")
    for problem in day.problems:
        click.echo(f"could not be done: {problem}", err=True)
    if day.problems:
        raise SystemExit(1)


@click.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option(
    "--checkpoints",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A file of checkpoints that was kept elsewhere: the access log must be as they say.",
)
@click.option("--key", "keys", multiple=True, help="A public key that may have signed them, besides the portal's own.")
def verify_command(as_json: bool, checkpoints: tuple[Path, ...], keys: tuple[str, ...]) -> None:
    """Say whether every document, history, letter and log is whole and unaltered. 0: yes, 1: no, 2: could not check."""
    try:
        others = [one for file in checkpoints for one in read_checkpoints(file.read_text(encoding="utf-8"))]
        report = verify.run(_portal(), others, keys)
    except (StoreError, OSError, ValueError) as error:
        click.echo(
            json.dumps({"status": "could not check", "why": str(error)}) if as_json else f"could not check: {error}"
        )
        raise SystemExit(2) from error
    if as_json:
        click.echo(json.dumps({"status": "altered" if report.findings else "whole", **report.as_json()}))
    else:
        for finding in report.findings:
            click.echo(f"{finding.what}: {finding.why}")
        for note in report.notes:
            click.echo(f"to know: {note}")
        click.echo(
            f"{report.documents} documents with {report.entries} history entries, {report.files} files, "
            f"{report.log_lines} log lines: {len(report.findings)} findings"
        )
    raise SystemExit(1 if report.findings else 0)


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup_command(file: Path) -> None:
    """Copy all that the portal keeps into FILE, a .tar.gz, while it runs. 0: all of it, 1: some is damaged, 2: not."""
    portal = _portal()
    with _could_not("backed up"), acting("make a backup", file.name):
        outcome = keeping.back_up(as_kept(portal.store), portal.settings.data, file, portal.clock())
    click.echo(f"{file}: {outcome.holdings}")
    _tell(outcome.wrong, "left out: {}")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--last-id", default="", help="The last number that was given, if it is not in FILE: TPA-2026-0120.")
@click.option("--document", "document_id", default="", help="This document alone, in the place of a damaged one.")
def restore_command(file: Path, last_id: str, document_id: str) -> None:
    """Put all that FILE, a backup, holds into an empty store, and verify it. 0: all is well, 1: findings, 2: not."""
    portal = _portal()
    if document_id:
        _restore_one(portal, file, document_id)
        return
    with _could_not("restored"):
        if last_id:
            portal.store.restore_id_given(last_id)
        outcome = keeping.restore(as_kept(portal.store), portal.settings.data, file, SCHEMA)
        findings = verify.run(portal).findings
        # Not before: the store, and the log in it, is empty until it is restored.
        log_request("restore a backup", file.name, why=str(outcome.holdings))
    click.echo(f"restored and compared: {outcome.holdings}")
    _tell([*outcome.wrong, *((finding.what, finding.why) for finding in findings)], "finding: {}")


def _restore_one(portal: Portal, file: Path, document_id: str) -> None:
    with _could_not("restored"):
        with acting("restore from a backup", document_id, why=file.name):
            document = keeping.restore_one(as_kept(portal.store), file, document_id, SCHEMA)
        findings = [(each.what, each.why) for each in verify.run(portal).findings if each.what == document_id]
    click.echo(f"{document_id} is restored, as it was after {document['history'][-1]['at']}")
    _tell(findings, "finding: {}")


@click.command("move")
@click.argument("store_url")
@click.option("--then", "command", default="", help="Run this while nobody can write: systemctl stop portal.")
def move_command(store_url: str, command: str) -> None:
    """Copy everything from the store in use to STORE_URL, which must be empty, and compare. 0: all the same, 1, 2: not.

    STORE_URL is a value of PORTAL_STORE: postgresql://..., or tinydb:/srv/portal for a folder.
    """
    portal = _portal()
    source = as_kept(portal.store)
    with _could_not("moved"), closing(open_store(store_url, portal.settings.data)) as target:
        log_request("move everything to another store", outcome=Outcome.BEGUN)
        outcome = keeping.move(source, target, lambda: _run(command))
        AccessLog(target, portal.clock).write(act_of_request("move everything to another store"))
    click.echo(f"moved and compared: {outcome.holdings}")
    _tell(outcome.wrong, "differs: {}")
    click.echo("Now set PORTAL_STORE to the new store, and start the portal again.")
    if not command:
        click.echo(
            "What is written to the old store from now on is not in the new one: stop the portal first, or --then."
        )


def _run(command: str) -> None:
    if command:
        subprocess.run(shlex.split(command), check=True)  # noqa: S603  (whoever runs this may run anything)


@contextmanager
def _could_not(what: str) -> Iterator[None]:
    """Ends the command with 2, and why, when the block cannot do what it is for."""
    try:
        yield
    except (StoreError, OSError, ValueError, keeping.NotEmpty, subprocess.SubprocessError) as error:
        click.echo(f"not {what}: {error}", err=True)
        raise SystemExit(2) from error


def _tell(wrong: Sequence[tuple[str, str]], words: str) -> None:
    """Names what is wrong, and then ends the command with 1."""
    for what, why in wrong:
        click.echo(words.format(f"{what}: {why}"), err=True)
    if wrong:
        raise SystemExit(1)


@click.command("evidence")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--application", "application_ids", multiple=True, help="The organization of this application alone: TPA-2026-0007."
)
@click.option("--role", default="iso", help="As which role it is read; what that role may not read is left out.")
def evidence_command(file: Path, application_ids: tuple[str, ...], role: str) -> None:
    """Write the evidence package into FILE, a .zip that is read without the portal. 0: done, 2: not."""
    portal = _portal()
    if role not in portal.process.policy.seeing:
        raise click.ClickException(f"{role} is no role that reads applications.")
    with _could_not("written"), acting("take the evidence package", file.name):
        # One that does not exist is an error here, not an empty package.
        named = [portal.store.get(one) for one in application_ids]
        of = dict.fromkeys((one["lcsa"], one["organization"]) for one in named)
        documents = (one for each in of for one in organizations.documents_of(portal, *each))
        reader = Reader(
            f"the role of {portal.role_title(role)} (by command)",
            lambda process, document: (role,),
            lambda document, roles: log_request("read it in an evidence package", document["id"], roles=roles),
        )
        beside = file.with_name(f".{file.name}.new")
        try:
            with beside.open("wb") as written:
                beside.chmod(0o600)
                if application_ids:
                    written.writelines(pieces(portal, documents, reader))
                else:
                    every, unreadable = organizations.every_document(portal), organizations.unreadable(portal)
                    written.writelines(pieces(portal, every, reader, unreadable))
            beside.replace(file)
        finally:
            beside.unlink(missing_ok=True)
    click.echo(f"{file}: {file.stat().st_size:,} bytes")


@click.command("demo")
@click.option("--applications", "number", type=click.IntRange(0, 1_000_000), default=60, help="How many applications.")
def demo_command(number: int) -> None:
    """Make demo accounts, and applications in all stages, through the real steps; the same ones every time."""
    if not _portal().settings.demo:
        raise click.ClickException("Demo accounts are made only when PORTAL_DEMO is on.")
    try:
        with acting("make the demo"):
            made = demo.make(_portal(), number)
    except demo.RealPeople as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{made} applications made")


@click.command("checkpoint")
@click.option("--public-key", is_flag=True, help="Only print the public key with which checkpoints are verified.")
def checkpoint_command(public_key: bool) -> None:
    """Sign a checkpoint of the access log, print it, and send it where the settings say. 0: done, 1: some not sent."""
    portal = _portal()
    signer = portal.auditing.checkpoints.signer
    if public_key:
        click.echo(f"{signer.public_key}\n{signer.public_pem}", nl=False)
        return
    with _could_not("signed"):
        click.echo(portal.auditing.checkpoints.make().as_line)
        _tell([("not sent", problem) for problem in sending_checkpoints.send(portal)], "{}")


EVERY = (
    checkpoint_command,
    daily_command,
    verify_command,
    backup_command,
    restore_command,
    move_command,
    evidence_command,
    demo_command,
    import_command,
)
