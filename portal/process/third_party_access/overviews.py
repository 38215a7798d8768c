"""What an application says at a glance: users against the approved number, accounts, gaps, findings, incidents."""

from portal.process.overview import Overview
from portal.process.third_party_access import findings, gaps, incidents, roster

OVERVIEWS = (
    Overview("roster", "Users against the approved number", roster.HEADINGS, roster.rows, "No user is named.", roster.summary, on_page=True),
    Overview("accounts", "Accounts", gaps.ACCOUNT_HEADINGS, gaps.account_rows, "No account was set up."),
    Overview("gaps", "Gaps", gaps.GAP_HEADINGS, gaps.gap_rows, "On no day was an account in use of a user who was not certified, or had left."),
    Overview("findings", "Audit findings", findings.HEADINGS, findings.rows, "No audit has found anything.", on_page=True),
    Overview("incidents", "Incidents", incidents.HEADINGS, incidents.rows, "No incident was reported.", on_page=True, particulars=incidents.particulars),
)  # fmt: skip
