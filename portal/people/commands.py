"""`flask people add`: an account, and the link with which its owner makes a password."""

import click
from flask import current_app
from flask.cli import AppGroup

from portal.audit.from_request import acting
from portal.parts import Portal
from portal.people.errors import NotAnAddress, RolesApart
from portal.people.person import address
from portal.process.step import Grant, Role
from portal.process.third_party_access.reference import LCSAS

DAYS = 60

people_cli = AppGroup("people", help="Accounts of the portal.")


@people_cli.command("add")
@click.argument("email")
@click.option(
    "--role", "role_key", required=True, help="The role's key: portal-administrator, process-manager, director, ..."
)
@click.option("--lcsa", default="", help="The LCSA, for a role of one LCSA or organization.")
@click.option("--organization", default="", help="The organization, for a requestor.")
@click.option("--name", required=True, help="The person's name.")
@click.option("--reset-second-factor", is_flag=True, help="The link also sets up the second factor again.")
def add(email: str, role_key: str, lcsa: str, organization: str, name: str, reset_second_factor: bool) -> None:
    """Give EMAIL an account with a role, or the role to the account there, and print a link to make a password."""
    portal: Portal = current_app.extensions["portal"]
    try:
        email = address(email)
    except NotAnAddress as refused:
        raise click.BadParameter(f"{email!r} is not an email address.", param_hint="EMAIL") from refused
    grant = grant_of(_roles(portal), role_key, {"lcsa": lcsa.strip(), "organization": organization.strip()})
    try:
        with acting("add a person", email, why=role_key):
            if portal.people.get(email) is None:
                portal.people.add(email, name.strip(), grant)
            else:
                portal.people.grant(email, grant)
                portal.people.reactivate(email)
            token = portal.people.password_link(
                email, made_by="command line", days=DAYS, resets_second_factor=reset_second_factor
            )
    except RolesApart as refused:
        raise click.BadParameter(str(refused), param_hint="--role") from refused
    click.echo(f"{portal.settings.base_url}/invitation/{token}")


def grant_of(roles: dict[str, Role], role_key: str, given: dict[str, str]) -> Grant:
    """The role with what limits it. Raises `click.BadParameter` naming what is missing, unknown or too much."""
    if role_key not in roles:
        raise click.BadParameter(f"there is no role {role_key}; there are: {', '.join(roles)}", param_hint="--role")
    scope = roles[role_key].scope
    for option, value in given.items():
        if option in scope and not value:
            raise click.BadParameter(f"{role_key} needs one", param_hint=f"--{option}")
        if option not in scope and value:
            raise click.BadParameter(f"{role_key} is not limited to one", param_hint=f"--{option}")
    if given["lcsa"] and given["lcsa"] not in LCSAS:
        raise click.BadParameter(
            f"there is no LCSA {given['lcsa']}; there are: {', '.join(LCSAS)}", param_hint="--lcsa"
        )
    return Grant(role_key, {option: given[option] for option in scope})


def _roles(portal: Portal) -> dict[str, Role]:
    return {role.key: role for process in portal.processes for role in process.roles}
