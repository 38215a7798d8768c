"""The columns that a sheet of organizations with access may have: those of the tracking sheet [5.1], and a few besides.

Each says what it is called, and which answer of which step it gives. Headings may be the words or the keys.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from portal import tables
from portal.process.step import Field, Kind, Process

USERS = "Users"
"""What the sheet of users is called."""

WRONG = "What is wrong"
"""The heading under which a sheet that is given back says what is wrong with each row; read over when it comes back."""

ALWAYS = ("identify-requestor", "decide", "countersign-mou", "post-approval", "confirm-access")
"""The steps without which no organization has access today: every row tells of them."""


OF_THE_APPLICATION: Mapping[str, tuple[str, str, str]] = {
    "requestor_name": ("Name of Requestor", "When it is longer than what stands in the Matrix.", "Kern County Department of Human Services"),
    "contact_name": ("Contact name", "The contact person's name.", "María Ortega"),
    "contact_title": ("Contact title", "Their title.", "Deputy Director"),
    "contact_phone": ("Contact phone", "Their phone.", "(661) 555-0100"),
    "contact_email": ("Contact email", "Where notices about the agreement and its renewal go.", "maria.ortega@county.example"),
    "iso_name": ("Information Security Officer", "Their name; findings of audits go to them.", "Sam Rivera"),
    "iso_title": ("Information Security Officer title", "Their title.", "Information Security Officer"),
    "iso_phone": ("Information Security Officer phone", "Their phone.", "(661) 555-0102"),
    "iso_email": ("Information Security Officer email", "Their email.", "sam.rivera@county.example"),
    "mou_signer_name": ("MOU signer", "Who signed the MOU for the organization.", "Dana Brooks"),
    "mou_signer_title": ("MOU signer title", "Their title.", "Director"),
    "mou_signer_email": ("MOU signer email", "Their email.", "dana.brooks@county.example"),
}  # fmt: skip
"""What the application says of the organization's people: heading, meaning and an example of each."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `field` says how its cells are checked (None: they are read over), and `step` whose answer they are:
    of that step's field `answer`, or the date on which it was taken when there is none.
    """

    key: str
    heading: str
    means: str
    field: Field | None = None
    required: bool = False
    step: str = ""
    answer: str = ""
    example: str | int = ""


def organization_columns(process: Process) -> tuple[Column, ...]:
    """The columns of the first sheet: those of the tracking sheet in its order, then those that it lacks."""
    keys, headings = tables.tracking_columns(process)
    known = {column.key: column for column in _read(process)}
    columns = [known.get(key) or _date_or_nothing(process, key, headings[key]) for key in keys]
    return (*(replace(one, heading=headings[one.key]) for one in columns), *_besides(process))


def user_columns(process: Process) -> tuple[Column, ...]:
    """The columns of the second sheet, `Users`."""
    users, accounts = process.step("certify-users").field("users"), process.step("set-up-accounts").field("accounts")
    user = {field.name: field for field in users.fields}
    account = {field.name: field for field in accounts.fields}
    return (
        Column("lcsa", "LCSA", "As in the first sheet.", _TEXT, True, example="Kern"),
        Column("organization", "Organization", "As in the first sheet.", _TEXT, True, example="Kern IV-A"),
        Column("name", "Name", "The user's name.", user["name"], True, example="Ana Núñez"),
        Column("email", "Email", "Tells users apart.", user["email"], True, example="ana.nunez@county.example"),
        Column("job_title", "Job title", "As the Requestor names it.", user["job_title"], True, example="Eligibility Worker II"),
        Column("trained_on", "Trained on", "When security awareness training was last completed.", user["trained_on"], example="2026-03-02"),
        Column("statement_signed_on", "Statement signed on", "When the confidentiality statement was last signed.", user["statement_signed_on"], example="2026-03-02"),
        Column("user_id", "User ID", "In CSE; given when the user has an account.", account["user_id"], example="KERN0417"),
        Column("set_up_on", "Set up on", "When the account was set up; given with the user ID.", account["set_up_on"], example="2024-07-15"),
    )  # fmt: skip


def by_heading(columns: Sequence[Column]) -> Mapping[str, Column]:
    """The columns by what may stand over them, as `plain` writes it."""
    return {plain(words): column for column in columns for words in (column.key, column.heading)}


def plain(words: str) -> str:
    """Words as they are compared: in small letters, with plain dashes and single spaces."""
    return " ".join(re.sub(r"[\u2010-\u2015]", "-", words).casefold().split())


_TEXT = Field("text", "Text")


def _read(process: Process) -> tuple[Column, ...]:
    """The tracking sheet's columns that say more than a date."""
    identify, apply = process.step("identify-requestor"), process.step("complete-application")
    decide, countersign = process.step("decide"), process.step("countersign-mou")
    in_use = Field("accounts_set_up", "Accounts set up", Kind.NUMBER, minimum=0, maximum=5000)
    return (
        Column("lcsa", "", "The LCSA as the Matrix names it.", _TEXT, True, identify.key, "lcsa", "Kern"),
        Column("organization", "", "As it should stand in the Matrix.", identify.field("organization_name"), True, identify.key, "organization_name", "Kern IV-A"),
        Column("status", "", "“Active”, or blank: other applications are not read in.", _TEXT, example="Active"),
        Column("recommended_accounts", "", "What the Director recommended.", identify.field("recommended_accounts"), False, identify.key, "recommended_accounts"),
        Column("users_requested", "", "What the Requestor asked for.", apply.field("users_requested"), False, apply.key, "users_requested"),
        Column("accounts_granted", "", "How many accounts the organization may have.", decide.field("accounts_granted"), True, decide.key, "accounts_granted", 5),
        Column("accounts_set_up", "", "How many are in use: not more than granted.", in_use, example=1),
        Column("office_id", "", "No two organizations share one.", process.step("create-office-id").field("office_id"), False, "create-office-id", "office_id", "KERN-IVA-01"),
        Column("term_start", "", "When the MOU came into effect.", countersign.field("effective_on"), True, countersign.key, "effective_on", "2024-07-01"),
        Column("term_end", "", "When it ends: not in the past.", countersign.field("expires_on"), True, countersign.key, "expires_on", "2027-07-01"),
    )  # fmt: skip


def _besides(process: Process) -> tuple[Column, ...]:
    """What the tracking sheet lacks, and a renewal will want."""
    identify, apply, decide = (process.step(key) for key in ("identify-requestor", "complete-application", "decide"))
    return (
        Column("organization_type", "Kind of organization", "When blank, it is taken from a name that says it: “Kern IV-A”.", identify.field("organization_type"), False, identify.key, "organization_type", "iv-a"),
        Column("security_profile", "Security profile", "When blank, that of an IV-A or IV-E organization follows from its kind.", decide.field("security_profile"), False, decide.key, "security_profile", "iv-a-read-only"),
        Column("invitee_address", "Postal address", "Of the organization, for letters.", identify.field("invitee_address"), False, identify.key, "invitee_address", "100 E. California Avenue, Bakersfield, CA 93307"),
        *(
            Column(name, heading, means, apply.field(name), False, apply.key, name, example)
            for name, (heading, means, example) in OF_THE_APPLICATION.items()
        ),
    )  # fmt: skip


def _date_or_nothing(process: Process, key: str, heading: str) -> Column:
    """The date of a step on the way, to be read; what else the tracking sheet says of steps is worked out, or is theirs
    whose steps it tells of once they are taken here.
    """
    steps = {step.key: step for step in process.steps}
    if key in steps and steps[key].waits_ever and steps[key].chapter != "afterwards" and key != "clarify":
        day = Field(key, heading, Kind.DATE, required=False, not_after_today=True)
        return Column(key, heading, "When the step was taken.", day, step=key)
    return Column(key, heading, "Read over.")
