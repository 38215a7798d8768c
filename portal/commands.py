"""The commands of `flask`: daily, verify, demo, people."""

import json

import click
from flask import Flask, current_app

from portal import daily, demo, verify
from portal.parts import Portal
from portal.people.commands import people_cli
from portal.store.errors import StoreError


def add_to(app: Flask) -> None:
    """Puts the commands beside `flask run`."""
    for command in (daily_command, verify_command, demo_command, people_cli):
        app.cli.add_command(command)


def _portal() -> Portal:
    portal: Portal = current_app.extensions["portal"]
    return portal


@click.command("daily")
def daily_command() -> None:
    """Do what the date brings: invitations due, and mail that waits. Twice is as good as once."""
    day = daily.run(_portal())
    for step in day.taken:
        click.echo(f"taken: {step}")
    click.echo(f"{len(day.taken)} steps taken, {day.queued} notices queued, {day.delivered} mails delivered")
    for problem in day.problems:
        click.echo(f"could not be done: {problem}", err=True)
    if day.problems:
        raise SystemExit(1)


@click.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def verify_command(as_json: bool) -> None:
    """Say whether every document, history, letter and log is whole and unaltered. 0: yes, 1: no, 2: could not check."""
    try:
        report = verify.run(_portal())
    except (StoreError, OSError) as error:
        click.echo(
            json.dumps({"status": "could not check", "why": str(error)}) if as_json else f"could not check: {error}"
        )
        raise SystemExit(2) from error
    if as_json:
        click.echo(json.dumps({"status": "altered" if report.findings else "whole", **report.as_json()}))
    else:
        for finding in report.findings:
            click.echo(f"{finding.what}: {finding.why}")
        click.echo(
            f"{report.documents} documents with {report.entries} history entries, {report.files} files, "
            f"{report.log_lines} log lines: {len(report.findings)} findings"
        )
    raise SystemExit(1 if report.findings else 0)


@click.command("demo")
@click.option("--applications", "number", type=click.IntRange(0, 1_000_000), default=60, help="How many applications.")
def demo_command(number: int) -> None:
    """Make demo accounts, and applications in all stages, through the real steps; the same ones every time."""
    if not _portal().settings.demo:
        raise click.ClickException("Demo accounts are made only when PORTAL_DEMO is on.")
    try:
        made = demo.make(_portal(), number)
    except demo.RealPeople as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{made} applications made")
