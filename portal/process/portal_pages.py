"""The rows of the policy for the pages that the portal has whatever process it runs: public ones, signing in, one's own
account.

Pages that only some roles open stand in the process's own table, with the roles that it declares.
"""

from portal.process.policy_table import ANYBODY, SIGNED_IN, Act, Row


def page(key: str, title: str, roles: tuple[str, ...], endpoints: str, purpose: str, section: str = "") -> Row:
    """A page's row: these roles open these endpoints."""
    return Row(roles, Act.OPEN, key, purpose, section, tuple(endpoints.split()), title)


_ALL, _IN = (ANYBODY,), (SIGNED_IN,)

PORTAL_PAGES = (
    page("start", "Start", _ALL, "public.start", "To say what third party access is, and how to get it.", "1.2"),
    page("process", "Process", _ALL, "public.process public.how_to public.schema", "To publish the process: its steps, roles and goals, and each role's part in it.", "1.2"),
    page("policy", "Policy", _ALL, "public.policy public.policy_json public.policy_csv", "To publish this table.", "O8.2"),
    page("health", "Health", _ALL, "public.health", "To say whether the portal works; nothing of any application is in it."),
    page("appearance", "Style sheets and scripts", _ALL, "static", "To show the pages."),
    page("sign-in", "Signing in", _ALL, "sign_in.sign_in sign_in.check_password sign_in.code sign_in.check_code sign_in.sign_out forgotten.forgotten forgotten.ask provider.begin provider.come_back provider.signed_out", "To let people in, and out again, and to mail a link to whoever forgot their password.", "O8.2"),
    page("invitation", "Invitations", _ALL, "invitation.invitation invitation.accept", "To let one who was mailed a link make an account; the link itself is the key.", "6.3.3"),
    page("account", "Your account", _IN, "account.account account.describe account.password account.change_password account.session account.stay account.end_sessions", "To keep one's own name, telephone and password, see what was done in one's own name, and where one is signed in.", "O8.2"),
    page("second-factor", "Second factor", _IN, "second_factor.second_factor second_factor.enrol second_factor.second_factor_picture", "To set up one's own second factor.", "O8.2"),
    page("rules", "Rules and penalties", _IN, "rules.rules rules.confirm", "To confirm, once a year, that one was told the rules and the penalties.", "O8.2"),
    page("inbox", "Inbox", _IN, "inbox.inbox", "To see one's own tasks, and nothing else.", "1.5"),
    page("applications", "Applications", _IN, "applications.applications", "To find the applications that one may see.", "O8.2"),
    page("application", "One application", _IN, "applications.application applications.document applications.letter applications.paper", "To read of an application that one may see what the rows below allow.", "O8.2"),
    page("steps", "Steps", _IN, "steps.new steps.begin steps.step steps.take steps.draft", "To take the steps that the rows below give, and to keep their drafts.", "1.5"),
)  # fmt: skip
