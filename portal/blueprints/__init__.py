"""The pages: parse, one action, render. Thin, and each file for one thing that a person comes for.

May import flask, actions, forms, access, and what they are drawn from; never a store's driver, and no rule of the
business.
"""

from flask import Flask

from portal.blueprints import (
    access_log,
    account,
    applications,
    assignments,
    colleagues,
    conversion_dates,
    dashboard,
    evidence,
    forgotten,
    guide,
    importing,
    inbox,
    invitation,
    matrix,
    mou_versions,
    people,
    provider,
    public,
    publishing,
    renewals,
    rules,
    second_factor,
    sign_in,
    steps,
    surveys,
    tracking,
)

PAGES = (
    public,
    dashboard,
    renewals,
    matrix,
    mou_versions,
    guide,
    sign_in,
    forgotten,
    provider,
    invitation,
    second_factor,
    account,
    rules,
    inbox,
    applications,
    steps,
    tracking,
    surveys,
    publishing,
    evidence,
    conversion_dates,
    importing,
    people,
    assignments,
    colleagues,
    access_log,
)


def register(app: Flask) -> None:
    """Puts every page at its address."""
    for module in PAGES:
        app.register_blueprint(module.blueprint)
    sign_in.set_up(app)
