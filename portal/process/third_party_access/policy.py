"""The policy of third party access: who may open, see, read and take what, who is told, and for which purpose [O8.2].

One table, to be read from top to bottom: pages, then the application, then its steps in their order (those of the
chapter Afterwards in `policy_afterwards`). What it does not name is denied. `Act` says what each kind of row allows; a
step's row for `itself` is the portal, on the step's date.
"""

from portal.process.policy_table import ANYBODY, APPLICATION, ITSELF, LETTERS, Act, Policy, Row, Separation
from portal.process.portal_pages import PORTAL_PAGES, page
from portal.process.third_party_access.agreement import POSTED
from portal.process.third_party_access.invitation import COORDINATOR_ACTS
from portal.process.third_party_access.policy_afterwards import AFTERWARDS, SEPARATIONS_AFTERWARDS
from portal.process.third_party_access.policy_rows import (
    A_QUESTION,
    ADMINISTRATOR,
    CONTRACTS,
    COORDINATOR,
    DECIDERS,
    DECISION_KNOWN,
    DECISION_SENT,
    DIRECTOR,
    EVERYBODY,
    INFRASTRUCTURE,
    ISO,
    LEGAL,
    MANAGER,
    OTHERS,
    OWNER,
    PAPER,
    PORTAL_ADMINISTRATOR,
    QUOTED,
    REQUESTOR,
    REVIEWERS,
    enters,
    gives,
    may,
    reads,
    takes,
    told,
)
from portal.process.third_party_access.roles import CONTACT, INVITEE, ROLES, SIGNER, WHO_IDENTIFIED
from portal.process.third_party_access.succession import RENEWS

_PAGES = (
    page("matrix", "Matrix", (ANYBODY,), "matrix.matrix matrix.matrix_csv matrix.matrix_xlsx matrix.matrix_json", "To publish who has access: organization, number of accounts and term.", "5.2"),
    page("uaag", "User account allocation guide", (ANYBODY,), "guide.uaag guide.uaag_csv guide.history", "To publish how many accounts are reserved, and how that has changed.", "1.6"),
    page("guide", "Change the guide", (OWNER,), "guide.change guide.keep_change", "To change how many accounts are reserved, with the reason.", "9"),
    page("dashboard", "Dashboard", (OWNER, MANAGER, CONTRACTS, ISO, LEGAL, INFRASTRUCTURE), "dashboard.dashboard dashboard.tasks", "To see how the process is going: what waits, for whom and for how long, accounts granted by county, agreements that near their end. Numbers, and which tasks are open; what an application answers is not there.", "5.1"),
    page("tracking", "Tracking sheet", DECIDERS, "tracking.tracking tracking.tracking_file", "To track every application and step.", "5.1"),
    page("surveys", "Surveys", (OWNER,), "surveys.every surveys.new surveys.begin surveys.survey surveys.go_on surveys.answers", "To ask organizations with access whether their accounts are enough, and read the answers side by side.", "9"),
    page("import", "Import", (MANAGER,), "importing.start importing.send importing.one importing.begin importing.go_on importing.left importing.sample", "To read in the organizations that have access today, from the sheet that was kept before the portal.", "5.1"),
    page("publishing", "Publishing", (OWNER,), "publishing.letters publishing.new publishing.send publishing.letter publishing.letter_as_sent publishing.review publishing.record_review", "To publish the process to all Directors by CSS letter, and to record its yearly review.", "6.1"),
    page("evidence", "Evidence package", (ISO, OWNER, MANAGER, CONTRACTS), "evidence.package evidence.whole", "To show an auditor, without the portal, who had access, on which ground, and what was found.", "8"),
    page("renewals", "Renewals", (MANAGER, CONTRACTS, OWNER), "renewals.renewals renewals.renewals_csv", "To see in time where a renewal will come after its MOU's end.", "10"),
    page("mou-versions", "MOU versions", (OWNER, MANAGER, CONTRACTS), "mou_versions.mou_versions", "To see which organizations signed which text of the MOU, and who is on an older one.", "6.8.1"),
    page("mou-version-names", "Names of MOU versions", (MANAGER,), "mou_versions.name", "To name the versions of the MOU's text.", "6.7.2"),
    page("mou-campaign", "Campaign for the MOU's text", (OWNER,), "mou_versions.begin mou_versions.end", "To have organizations on an older text sign the new one.", "6.8.1"),
    page("conversion-dates", "Conversion dates", (MANAGER,), "conversion_dates.conversion_dates conversion_dates.keep_conversion_date", "To keep the dates before which no invitation is sent.", "3"),
    page("access-log", "Access log", (ISO,), "access_log.access_log access_log.export access_log.weeks access_log.week access_log.sign_off access_log.unusual_use access_log.look_at_unusual_use access_log.checkpoints", "To review who did or tried what, and sign it off.", "O8.2"),
    page("people", "People", (PORTAL_ADMINISTRATOR,), "people.people people.new people.add people.person people.give_role people.withdraw_role people.deactivate people.reactivate people.make_link people.describe", "To keep the portal's own accounts and roles.", "1.5"),
    page("confirmations", "Confirmations", (ISO, PORTAL_ADMINISTRATOR), "rules.confirmations rules.confirmations_csv rules.wording", "To see who confirmed the rules and the penalties, in which wording, and who is overdue.", "O8.2"),
    page("assignments", "Assignments", (OWNER, DIRECTOR), "assignments.assignments assignments.assign assignments.confirm_withdrawal assignments.withdraw", "To name the Process Manager, and the Coordinator and System Administrator of one's own LCSA.", "1.5"),
    page("colleagues", "Colleagues", (REQUESTOR,), "colleagues.colleagues colleagues.invite colleagues.confirm_withdrawal colleagues.withdraw", "To invite colleagues of the same organization, and end their access.", "1.5"),
)  # fmt: skip

_GIVING = (
    gives(OWNER, "process-manager", "To assign the Process Manager."),
    gives(DIRECTOR, "coordinator administrator", "To designate the Coordinator and the System Administrator of their own LCSA."),
    gives(REQUESTOR, "requestor", "To share the work with colleagues of the same organization."),
    gives(PORTAL_ADMINISTRATOR, " ".join(role.key for role in ROLES), "To keep the accounts of the portal."),
)  # fmt: skip
"""Each gives within the scope of their own role, and never to themselves."""

_APPLICATION = (
    Row(EVERYBODY, Act.SEE, APPLICATION, "To take part in the process, each within the scope of their role.", "1.5"),
    reads(APPLICATION, EVERYBODY, "schema id revision version process lcsa organization status upgrades", "To know which application it is, and how far it has come."),
    reads(APPLICATION, EVERYBODY, "history", "To see which step was taken by whom, in which role, and when.", "O8.2"),
    reads(APPLICATION, EVERYBODY, "open_tasks", "To see who has it now, since when, and how that stands against the goal. That Legal asks the Requestor something is known by it; what is asked is not.", "4"),
    reads(APPLICATION, EVERYBODY, "criterion/1 criterion/3 criterion/4 criterion/5 criterion/6 criterion/7 criterion/8", "To see what is still missing before access is established.", "2"),
    reads(APPLICATION, REVIEWERS, "criterion/2", "Whether Legal authorizes it is Legal's advice.", "O8.2"),
    reads(APPLICATION, OTHERS, "criterion/2", "Once the decision is sent, its letter says so.", "6.7", provided=DECISION_SENT),
    reads(APPLICATION, (ANYBODY,), "lcsa organization", "To publish in the Matrix who has access.", "5.2", provided=POSTED),
    reads(APPLICATION, (LETTERS,), "schema id revision version process lcsa organization status", "To head a letter.", "6.7"),
    reads(APPLICATION, (LETTERS,), "history", "To name in a letter who took a step, and when.", "6.7"),
)  # fmt: skip

_INVITATION = (
    takes("identify-requestor", DIRECTOR, "To name the organizations that should have access, and how many accounts they need.", "6.2"),
    may(Act.ENTER, "identify-requestor", OWNER, "To begin a renewal for the Director; the history says so.", "10.2", RENEWS),
    reads("identify-requestor", QUOTED, "renews director_name director_email", "To know which agreement it renews, and for which Director.", "10.2"),
    reads("identify-requestor", QUOTED, "organization_name organization_type invitee_name invitee_title invitee_address invitee_email coordinator_name coordinator_title coordinator_phone coordinator_email coordinator_acts administrator_name administrator_title administrator_phone administrator_email recommended_accounts invitation_date lcsa earliest_invitation", "To know which organization is meant, whom to invite, and who acts for the LCSA.", "6.2"),
    reads("identify-requestor", EVERYBODY, "justification note", "To weigh why so many accounts are recommended.", "1.6"),
    told("identify-requestor", "person:identify_requestor.coordinator", COORDINATOR, "To know that the Director names them.", "1.5"),
    told("identify-requestor", "person:identify_requestor.administrator", ADMINISTRATOR, "To know that the Director names them.", "1.5"),
    takes("schedule-invitation", MANAGER, "To set the day of the invitation, two months after the LCSA's conversion at the earliest.", "6.3"),
    reads("schedule-invitation", QUOTED, "outcome invitation_date earliest_invitation", "To know when the invitation goes out.", "6.3"),
    reads("schedule-invitation", EVERYBODY, "reason note", "To know what the Director should change.", "6.3"),
    told("schedule-invitation", WHO_IDENTIFIED, DIRECTOR, "To know that the invitation is scheduled.", "6.3"),
    takes("send-invitation", MANAGER, "To send the invitation letter.", "6.3"),
    takes("send-invitation", ITSELF, "To send it on its date, so that no organization waits for anybody.", "6.3"),
    reads("send-invitation", EVERYBODY, "letters note", "To read the invitation as it was sent.", "6.3"),
    told("send-invitation", INVITEE, REQUESTOR, "To be invited, with the letter and the link that makes an account.", "6.3.3"),
    told("send-invitation", WHO_IDENTIFIED, DIRECTOR, "To have the Director's copy of the letter.", "6.3"),
)  # fmt: skip

_PUBLIC_APPLICATION = "requestor_name contact_name contact_title contact_phone contact_fax contact_email iso_name iso_title iso_phone iso_email mou_signer_name mou_signer_title mou_signer_email statutory_authority purpose users_requested justification board_days received_by received_on signature attestation signed_on"

_APPLYING = (
    takes("complete-application", REQUESTOR, "To apply.", "6.4"),
    enters("complete-application", PAPER, "6.2"),
    reads("complete-application", QUOTED, _PUBLIC_APPLICATION, "To weigh, test and decide what is asked, and to reach who asks it.", "6.4"),
    reads("complete-application", EVERYBODY, "note", "To read what the Requestor adds.", "6.4"),
    told("complete-application", CONTACT, REQUESTOR, "To know that the application was sent.", "6.4"),
    takes("route-application", MANAGER, "To see that the application is complete, and put it before Legal and Infrastructure.", "6.5.1"),
    reads("route-application", EVERYBODY, "outcome correction note", "To know what is to be corrected.", "6.5"),
    takes("legal-opinion", LEGAL, "To say whether the law authorizes the access.", "6.5.1"),
    reads("legal-opinion", REVIEWERS, "opinion authorities opinion_text delay_reason note", "Legal's advice is for Legal, the Process Manager and the Process Owner.", "O8.2"),
    reads("legal-opinion", (REQUESTOR,), "opinion_text", "To answer Legal's question: the question is read by the Requestor, an opinion is not.", "6.5.1", when=A_QUESTION),
    takes("delay-opinion", LEGAL, "To say why the opinion takes longer than the goal.", "4"),
    reads("delay-opinion", EVERYBODY, "delay_reason note", "To know why the opinion takes longer.", "4"),
    takes("clarify", REQUESTOR, "To answer Legal's question.", "6.5.1"),
    enters("clarify", PAPER, "6.2"),
    reads("clarify", EVERYBODY, "clarification received_by received_on note", "To weigh the application with what was clarified.", "6.5.1"),
    takes("connectivity-test", INFRASTRUCTURE, "To say whether the Requestor can connect.", "6.5.2"),
    reads("connectivity-test", QUOTED, "result point_of_presence tested_on", "To know whether the Requestor can connect.", "2.3"),
    reads("connectivity-test", EVERYBODY, "findings note", "To know what is to be mended.", "2.3"),
    takes("send-to-owner", MANAGER, "To sum up the application for the decision.", "6.5.3"),
    reads("send-to-owner", DECIDERS, "summary recommended_accounts note", "The summary is for the Process Owner's decision.", "6.5.3"),
    takes("decide", OWNER, "To accept or reject, and to grant a number of accounts.", "6.6"),
    reads("decide", REVIEWERS, "decision reason accounts_granted security_profile term_months note", "To prepare the letter that says it.", "6.6"),
    reads("decide", OTHERS, "decision reason accounts_granted security_profile term_months note", "To know the decision once its letter is sent.", "6.7", provided=DECISION_KNOWN),
    reads("decide", (LETTERS,), "decision reason accounts_granted security_profile term_months", "To say the decision in its letter.", "6.7"),
    reads("decide", (ANYBODY,), "accounts_granted", "To publish it in the Matrix.", "5.2", provided=POSTED),
    reads("decide", DECIDERS, "renewed_holds", "To weigh the number without what the agreement before holds.", "1.6"),
    reads("decide", DECIDERS, "justification", "Why the guide was exceeded is weighed between the Process Manager and the Process Owner.", "1.6"),
    takes("delay-decision", OWNER, "To say why the decision takes longer than the goal.", "4"),
    reads("delay-decision", EVERYBODY, "delay_reason note", "To know why the decision takes longer.", "4"),
    takes("send-decision", MANAGER, "To send the decision's letters.", "6.7"),
    reads("send-decision", EVERYBODY, "letters note", "To read the letters as they were sent.", "6.7"),
    told("send-decision", f"{CONTACT} {SIGNER}", REQUESTOR, "To have the decision and what goes with it, and to be asked to sign.", "6.7"),
    told("send-decision", WHO_IDENTIFIED, DIRECTOR, "To have the Director's copy of the letter.", "6.7"),
    takes("say-board-days", REQUESTOR, "To say how early a renewal has to begin.", "10.1"),
    takes("say-board-days", COORDINATOR, "To say it for the organization, whose contact the Coordinator is.", "10.1"),
    reads("say-board-days", EVERYBODY, "board_days note", "To begin a renewal early enough.", "10.1"),
)  # fmt: skip

_AGREEMENT = (
    takes("sign-mou", REQUESTOR, "To have the MOU signed.", "6.8.1"),
    enters("sign-mou", PAPER, "6.2"),
    reads("sign-mou", QUOTED, "method signature attestation signed_mou signed_on received_by received_on mou_sha256", "To know who signed which text, and when.", "6.8.1"),
    reads("sign-mou", EVERYBODY, "note", "To read what the Requestor adds.", "6.8.1"),
    takes("return-mou", OWNER, "To return an MOU that is not signed as it was sent.", "6.9.1"),
    reads("return-mou", EVERYBODY, "reason note", "To know what is wrong with it.", "6.9.1"),
    takes("certify-users", REQUESTOR, "To name the users, and say when each was trained and signed.", "6.8.2"),
    reads("certify-users", QUOTED, "users", "To see that every user is trained and has signed before an account is set up.", "2.5"),
    reads("certify-users", EVERYBODY, "note", "To read what the Requestor adds.", "6.8.2"),
    takes("countersign-mou", OWNER, "To sign the MOU for DCSS.", "6.9.1"),
    reads("countersign-mou", QUOTED, "signed_on effective_on expires_on", "To know the MOU's term.", "6.9.1"),
    reads("countersign-mou", EVERYBODY, "letters note", "To read the signed MOU.", "6.9.4"),
    reads("countersign-mou", (ANYBODY,), "effective_on expires_on", "To publish the term in the Matrix.", "5.2", provided=POSTED),
    told("countersign-mou", CONTACT, REQUESTOR, "To have the signed MOU.", "6.9.4"),
    told("countersign-mou", "role:contract-manager", CONTRACTS, "To keep the signed MOU.", "6.9.4"),
    takes("post-approval", MANAGER, "To show the approval in the Matrix, and tell Infrastructure.", "6.9.2"),
    reads("post-approval", EVERYBODY, "confirmed in_force_from note", "To know that it is approved, and from when on it is in force.", "6.9.2"),
    told("post-approval", CONTACT, REQUESTOR, "To know that the MOU is signed.", "6.9.4"),
    takes("file-mou", CONTRACTS, "To keep the signed MOU.", "1.5"),
    reads("file-mou", EVERYBODY, "location note", "To know where the original is.", "1.5"),
)  # fmt: skip

_ACCESS = (
    takes("create-office-id", INFRASTRUCTURE, "To make the office ID.", "7.1"),
    reads("create-office-id", QUOTED, "office_id held_by", "To set up accounts under it.", "7.1"),
    reads("create-office-id", EVERYBODY, "note", "To read what Infrastructure adds.", "7.1"),
    told("create-office-id", "role:process-manager", MANAGER, "To record the office ID.", "7.1"),
    told("create-office-id", CONTACT, REQUESTOR, "To know the office ID.", "7.1"),
    told("create-office-id", "role:administrator", ADMINISTRATOR, "To set up accounts under it.", "7.1"),
    takes("evaluate-infrastructure", INFRASTRUCTURE, "To evaluate the infrastructure of DTS, the county and the third party.", "7.2"),
    reads("evaluate-infrastructure", EVERYBODY, "evaluations note", "To know what is to be changed.", "7.2"),
    takes("direct-setup", DIRECTOR, "To direct the Administrator to set up accounts.", "2.7"),
    takes("direct-setup", COORDINATOR, "To act for the Director, who lets them on this application.", "1.5", COORDINATOR_ACTS),
    reads("direct-setup", EVERYBODY, "confirmed note", "To know that the set-up is directed.", "2.7"),
    takes("set-up-accounts", ADMINISTRATOR, "To set up the users' accounts.", "7.3"),
    reads("set-up-accounts", QUOTED, "accounts", "To see that nobody has an account who should not.", "7.3"),
    reads("set-up-accounts", EVERYBODY, "held_before", "To know which accounts are those of the agreement before.", "10.2"),
    reads("set-up-accounts", EVERYBODY, "note", "To read what the Administrator adds.", "7.3"),
    takes("confirm-access", COORDINATOR, "To say that the users can sign in to CSE.", "7.3"),
    reads("confirm-access", EVERYBODY, "confirmed note", "To know that access is established.", "7.3"),
    told("confirm-access", CONTACT, REQUESTOR, "To know that access is established.", "7.3"),
    told("confirm-access", "role:process-manager", MANAGER, "To know that access is established.", "7.3"),
    told("confirm-access", WHO_IDENTIFIED, DIRECTOR, "To know that access is established.", "7.3"),
)  # fmt: skip

_OWN_ORGANIZATION = (REQUESTOR,)

POLICY = Policy(
    rows=(*PORTAL_PAGES, *_PAGES, *_GIVING, *_APPLICATION, *_INVITATION, *_APPLYING, *_AGREEMENT, *_ACCESS, *AFTERWARDS),
    separations=(
        Separation("legal-opinion", "Nobody reviews for Legal what they applied for.", "1.5", ("complete-application",), _OWN_ORGANIZATION),
        Separation("decide", "Nobody decides what they reviewed for Legal, nor on their own organization.", "1.5", ("legal-opinion", "complete-application"), _OWN_ORGANIZATION),
        Separation("countersign-mou", "Nobody countersigns what they reviewed for Legal, or signed themselves.", "1.5", ("legal-opinion", "sign-mou"), _OWN_ORGANIZATION),
        *SEPARATIONS_AFTERWARDS,
        Separation("good-standing", "Nobody attests what they recorded themselves.", "10.1", ("record-standing",)),
    ),
)  # fmt: skip
"""The table: what the portal obeys, and publishes at /policy."""
