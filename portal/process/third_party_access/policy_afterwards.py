"""The policy's rows for the steps of the chapter Afterwards, by the files in which the steps are declared."""

from portal.process.policy_table import ANYBODY, ITSELF, Separation
from portal.process.third_party_access.agreement import ACCEPTANCE_SENT, POSTED
from portal.process.third_party_access.contacts import INVITED_CONTACT
from portal.process.third_party_access.invitation import COORDINATOR_ACTS
from portal.process.third_party_access.policy_rows import (
    ADMINISTRATOR,
    CONTRACTS,
    COORDINATOR,
    DECIDERS,
    DIRECTOR,
    EVERYBODY,
    ISO,
    LCSA,
    MANAGER,
    OWNER,
    PAPER,
    QUOTED,
    REQUESTOR,
    enters,
    reads,
    takes,
    told,
)
from portal.process.third_party_access.roles import CONTACT, OFFICER, SIGNER, WHO_IDENTIFIED

_ABOUT_INCIDENTS = (ISO, OWNER, MANAGER, REQUESTOR, DIRECTOR, COORDINATOR)
"""Those for whom the particulars of an incident are; all others see that there is one."""

_CERTIFICATION = (
    takes("recertify-users", REQUESTOR, "To say, every year, when each user was trained and signed anew.", "2.5"),
    reads("recertify-users", QUOTED, "users", "To see that every user with an account is certified.", "2.5"),
    reads("recertify-users", EVERYBODY, "note", "To read what the Requestor adds.", "2.5"),
    takes("change-users", REQUESTOR, "To say who leaves and who joins.", "6.8.2"),
    reads("change-users", QUOTED, "leaving joining", "To take and give accounts as users leave and join.", "6.8.2"),
    reads("change-users", EVERYBODY, "note", "To read what the Requestor adds.", "6.8.2"),
    takes("suspend-accounts", ADMINISTRATOR, "To suspend the accounts of users whose year is over, or whom an open incident names.", "2.5"),
    reads("suspend-accounts", QUOTED, "accounts", "To see that nobody has access whose certification has lapsed.", "2.5"),
    reads("suspend-accounts", EVERYBODY, "note", "To read what the Administrator adds.", "2.5"),
    told("suspend-accounts", "role:iso", ISO, "To know that an account that is to be suspended is in use still.", "2.5"),
    told("suspend-accounts", "role:director", DIRECTOR, "To know that an account that is to be suspended is in use still.", "2.5"),
    takes("remove-accounts", ADMINISTRATOR, "To remove the accounts of users who left, or whose agreement has ended.", "7.3"),
    reads("remove-accounts", QUOTED, "accounts", "To see that nobody has access who should not.", "7.3"),
    reads("remove-accounts", EVERYBODY, "note", "To read what the Administrator adds.", "7.3"),
    told("remove-accounts", "role:iso", ISO, "To know that an account that is to be removed is there still.", "7.3"),
    told("remove-accounts", "role:director", DIRECTOR, "To know that an account that is to be removed is there still.", "7.3"),
)  # fmt: skip

_OVERSEERS = (ISO, OWNER)
"""Those who oversee audits: why one is held, and what is noted of it, is for them."""

_AUDITS = (
    takes("open-audit", ISO, "To audit an organization's training and certification.", "8"),
    reads("open-audit", EVERYBODY, "scope period_from period_to", "To know what is audited.", "8"),
    reads("open-audit", _OVERSEERS, "occasion note", "Why an audit is held is between the Information Security Officer and the Process Owner.", "8"),
    told("open-audit", f"{OFFICER} {CONTACT}", REQUESTOR, "To know that their organization is audited.", "8"),
    told("open-audit", "role:process-owner", OWNER, "To know that an organization is audited.", "8"),
    takes("record-finding", ISO, "To record what is not as it should be.", "8"),
    reads("record-finding", QUOTED, "findings", "To see what was found wherever the organization is seen, and to answer it.", "8"),
    reads("record-finding", EVERYBODY, "letters", "To read the findings as they were sent.", "8"),
    reads("record-finding", _OVERSEERS, "note", "What the auditor notes is for those who oversee audits.", "8"),
    told("record-finding", f"{OFFICER} {CONTACT}", REQUESTOR, "To have the findings, and to answer them.", "8"),
    told("record-finding", "role:process-owner", OWNER, "To have the findings.", "8"),
    takes("respond-to-finding", REQUESTOR, "To say what was done about a finding.", "8"),
    enters("respond-to-finding", PAPER, "6.2"),
    reads("respond-to-finding", EVERYBODY, "responses received_by received_on note", "To weigh what was done about a finding.", "8"),
    told("respond-to-finding", "role:iso", ISO, "To know that a finding is not answered by its day.", "8"),
    takes("review-response", ISO, "To say whether what was done is enough.", "8"),
    reads("review-response", EVERYBODY, "reviews", "To know what is still missing.", "8"),
    reads("review-response", _OVERSEERS, "note", "What the auditor notes is for those who oversee audits.", "8"),
    told("review-response", f"{OFFICER} {CONTACT}", REQUESTOR, "To know what is still missing.", "8"),
    takes("clear-finding", OWNER, "To clear a finding on the word of the Information Security Officer.", "8"),
    reads("clear-finding", EVERYBODY, "findings note", "To know which findings are cleared.", "8"),
    told("clear-finding", f"{OFFICER} {CONTACT}", REQUESTOR, "To know which findings are cleared.", "8"),
    told("clear-finding", "role:iso", ISO, "To know which findings are cleared.", "8"),
    takes("close-audit", ISO, "To close an audit once all that was found is recorded.", "8"),
    reads("close-audit", EVERYBODY, "summary", "To know what the audit comes to.", "8"),
    reads("close-audit", _OVERSEERS, "note", "What the auditor notes is for those who oversee audits.", "8"),
    told("close-audit", f"{OFFICER} {CONTACT}", REQUESTOR, "To know what the audit comes to.", "8"),
    told("close-audit", "role:process-owner", OWNER, "To know what the audit comes to.", "8"),
)  # fmt: skip

_OWN = (REQUESTOR,)

SEPARATIONS_AFTERWARDS = (
    *(
        Separation(step, "Nobody audits their own organization.", "1.5", not_by=_OWN)
        for step in ("open-audit", "record-finding", "close-audit")
    ),
    Separation("review-response", "Nobody reviews what they answered, nor audits their own organization.", "1.5", ("respond-to-finding",), _OWN),
    Separation("clear-finding", "Nobody clears a finding that they answered, or gave the word on, nor one of their own organization.", "1.5", ("respond-to-finding", "review-response"), _OWN),
    *(
        Separation(step, "Nobody decides on an end that they asked for, nor on that of their own organization.", "1.5", ("request-termination",), _OWN)
        for step in ("terminate", "decline-termination")
    ),
    Separation("decide-on-renewal", "Nobody decides on the renewal of their own organization.", "1.5", not_by=_OWN),
    Separation("assess-incident", "Nobody assesses an incident that they acknowledged, nor one of their own organization.", "1.5", ("report-incident", "acknowledge-incident"), _OWN),
    Separation("acknowledge-incident", "Nobody acknowledges an incident that they assessed, nor one of their own organization.", "1.5", ("report-incident", "assess-incident"), _OWN),
    Separation("close-incident", "Nobody closes an incident that they acknowledged, nor one of their own organization.", "1.5", ("report-incident", "act-on-incident", "acknowledge-incident"), _OWN),
)  # fmt: skip

_RENEWAL = (
    takes("renewal-notice", CONTRACTS, "To notify the Process Manager that the MOU is due for renewal.", "10.1"),
    reads("renewal-notice", EVERYBODY, "confirmed expires_on findings elsewhere note", "To know that renewal is due, and which findings are open.", "10.1"),
    takes("record-standing", MANAGER, "To record what the ISO has on findings that are not cleared.", "10.1"),
    reads("record-standing", EVERYBODY, "confirmed standing findings elsewhere note", "To know whether a finding holds up the renewal.", "10.1"),
    takes("hold-renewal", OWNER, "To notify the Requestor that the MOU is not renewed until all findings are cleared.", "10.1"),
    reads("hold-renewal", EVERYBODY, "confirmed findings note", "To know which findings the renewal waits for.", "10.1"),
    told("hold-renewal", f"{OFFICER} {CONTACT}", REQUESTOR, "To know which findings hold up the renewal.", "10.1"),
    takes("good-standing", CONTRACTS, "To tell the Process Owner that the organization is in good standing.", "10.1"),
    reads("good-standing", EVERYBODY, "attestation note", "To know that the organization is in good standing.", "10.1"),
    takes("start-renewal", OWNER, "To start the renewal with the steps of an invitation.", "10.2"),
    reads("start-renewal", EVERYBODY, "invitee_name invitee_title invitee_address invitee_email coordinator_name coordinator_title coordinator_phone coordinator_email coordinator_acts administrator_name administrator_title administrator_phone administrator_email recommended_accounts justification invitation_date application note", "To know which application renews the agreement, and what it began with.", "10.2"),
    told("start-renewal", "role:director", DIRECTOR, "To know that the renewal is started, for which DCSS enters the identification.", "10.2"),
    told("start-renewal", "role:coordinator", COORDINATOR, "To know that the renewal is started.", "10.2"),
    takes("take-effect", MANAGER, "To put the renewed agreement in the place of the one before.", "10.2"),
    takes("take-effect", ITSELF, "To do so on its day, so that the Matrix shows the organization once and always.", "10.2"),
    reads("take-effect", (ADMINISTRATOR, *_ABOUT_INCIDENTS), "suspensions", "To suspend the accounts of those who should have no access.", "7.3"),
    reads("take-effect", EVERYBODY, "users accounts_left accounts_gone note", "To know since when it is in force, and which users and accounts it has taken over.", "10.2"),
    told("take-effect", "role:process-manager", MANAGER, "To know that it is in force.", "10.2"),
    told("take-effect", CONTACT, REQUESTOR, "To know that it is in force.", "10.2"),
)  # fmt: skip

_SEAM = (
    takes("note-failed-renewal", MANAGER, "To note that a renewal came to nothing, where the portal did not.", "10.2"),
    takes("note-failed-renewal", ITSELF, "To have another renewal started before the agreement ends.", "10.2"),
    reads("note-failed-renewal", EVERYBODY, "application outcome note", "To know that the agreement needs another renewal.", "10.2"),
    told("note-failed-renewal", "role:contract-manager", CONTRACTS, "To know that the agreement needs another renewal.", "10.2"),
    takes("note-termination", MANAGER, "To note that the agreement before is terminated, where the portal did not.", "6.9"),
    takes("note-termination", ITSELF, "To have nobody sign a renewal without knowing that the agreement before is terminated.", "6.9"),
    reads("note-termination", EVERYBODY, "kind ends_on reason note", "To know why and when the agreement before ends.", "6.9"),
    told("note-termination", "role:process-manager", MANAGER, "To know that the renewal waits for a decision.", "6.9"),
    told("note-termination", "role:contract-manager", CONTRACTS, "To know that the renewal waits for a decision.", "6.9"),
    takes("note-suspensions", MANAGER, "To note whose access an incident under the agreement before asks to suspend, where the portal did not.", "8"),
    takes("note-suspensions", ITSELF, "To have nobody use an account that an incident under the agreement before asks to suspend.", "8"),
    reads("note-suspensions", (ADMINISTRATOR, *_ABOUT_INCIDENTS), "suspensions note", "To suspend the accounts of those who should have no access.", "7.3"),
    told("note-suspensions", "role:administrator", ADMINISTRATOR, "To suspend accounts when that is asked for.", "7.3"),
    takes("decide-on-renewal", OWNER, "To decide whether a renewal goes on whose agreement before is terminated.", "6.9"),
    reads("decide-on-renewal", EVERYBODY, "decision reason note", "To know whether the renewal goes on, and why.", "6.9"),
    told("decide-on-renewal", CONTACT, REQUESTOR, "To know whether the renewal goes on.", "6.9"),
    told("decide-on-renewal", "role:director", DIRECTOR, "To know whether the renewal goes on.", "6.9"),
    told("decide-on-renewal", "role:process-manager", MANAGER, "To know whether the renewal goes on.", "6.9"),
    told("decide-on-renewal", "role:contract-manager", CONTRACTS, "To know whether the renewal goes on.", "6.9"),
)  # fmt: skip

_ENDS = (
    takes("withdraw", REQUESTOR, "To withdraw an application before it is decided, or before DCSS has signed the MOU.", "6.4"),
    takes("withdraw", DIRECTOR, "To withdraw an organization that the Director identified.", "6.4"),
    takes("withdraw", COORDINATOR, "To act for the Director, who lets them on this application.", "1.5", COORDINATOR_ACTS),
    takes("withdraw", OWNER, "To take back an acceptance whose MOU is not signed.", "6.8.1", ACCEPTANCE_SENT),
    reads("withdraw", EVERYBODY, "reason note", "To know why it was withdrawn.", "6.4"),
    told("withdraw", "role:process-manager", MANAGER, "To know that nothing more is to be done.", "6.4"),
    told("withdraw", CONTACT, REQUESTOR, "To know that the application is closed.", "6.4"),
    told("withdraw", WHO_IDENTIFIED, DIRECTOR, "To know that the application is closed.", "6.4"),
    takes("request-termination", REQUESTOR, "To ask for the end of an agreement that is no longer needed.", "6.9"),
    takes("request-termination", DIRECTOR, "To ask for the end of access that the Director recommended.", "6.9"),
    takes("request-termination", COORDINATOR, "To act for the Director, who lets them on this application.", "1.5", COORDINATOR_ACTS),
    reads("request-termination", EVERYBODY, "reason wished_on note", "To know who asks for the end, and why.", "6.9"),
    takes("terminate", OWNER, "To terminate an MOU at once for cause, or with 30 days’ notice.", "6.9"),
    reads("terminate", QUOTED, "kind ends_on reason", "To know why and when the agreement ends.", "6.9"),
    reads("terminate", (ANYBODY,), "ends_on", "To publish in the Matrix until when there is access.", "5.2", provided=POSTED),
    reads("terminate", EVERYBODY, "letters note", "To read the letter as it was sent.", "6.9"),
    told("terminate", CONTACT, REQUESTOR, "To have the letter, and to know until when there is access.", "6.9"),
    told("terminate", WHO_IDENTIFIED, DIRECTOR, "To have the Director's copy of the letter.", "6.9"),
    told("terminate", "role:contract-manager", CONTRACTS, "To have a copy of the letter beside the MOU.", "6.9"),
    told("terminate", "role:administrator", ADMINISTRATOR, "To remove the users' accounts.", "7.3"),
    told("terminate", "role:process-manager", MANAGER, "To know that the Matrix no longer shows it, or from when.", "5.2"),
    told("terminate", "role:iso", ISO, "To know that access ends.", "8"),
    takes("decline-termination", OWNER, "To keep an agreement in force though its end is asked for.", "6.9"),
    reads("decline-termination", EVERYBODY, "reason note", "To know why it stays in force.", "6.9"),
    told("decline-termination", CONTACT, REQUESTOR, "To know that it stays in force.", "6.9"),
    told("decline-termination", "actor:request-termination", (REQUESTOR, DIRECTOR, COORDINATOR), "To have the answer.", "6.9"),
    takes("expire", CONTRACTS, "To end an agreement whose date has passed.", "10.1"),
    takes("expire", ITSELF, "To end it on its date, so that nobody has access without an agreement.", "10.1"),
    reads("expire", EVERYBODY, "successor note", "To know whether another agreement follows.", "10.1"),
    told("expire", CONTACT, REQUESTOR, "To know that the agreement has ended.", "10.1"),
    told("expire", WHO_IDENTIFIED, DIRECTOR, "To know that the agreement has ended.", "10.1"),
    told("expire", "role:process-manager", MANAGER, "To know that the Matrix no longer shows it.", "5.2"),
)  # fmt: skip

_SURVEYS = (
    takes("survey", OWNER, "To ask organizations with access whether their accounts are enough.", "9"),
    reads("survey", EVERYBODY, "name question answer_by replaces note", "To know what DCSS asks, and by when it hopes for an answer.", "9"),
    takes("answer-survey", REQUESTOR, "To say whether the accounts are enough.", "9"),
    reads("answer-survey", (*DECIDERS, *LCSA, REQUESTOR), "enough accounts_needed reason survey note", "To weigh whether more accounts can be reserved, and to recommend how many.", "9"),
)  # fmt: skip

_INCIDENTS = (
    takes("report-incident", REQUESTOR, "To report an incident as soon as it is noticed.", "8"),
    reads("report-incident", EVERYBODY, "number", "To know that an incident is open.", "8"),
    reads("report-incident", _ABOUT_INCIDENTS, "what_happened noticed_on happened_on people_affected done_at_once suspend_access accounts note", "To know what happened, and to follow it to its end.", "8"),
    reads("report-incident", (ADMINISTRATOR,), "suspend_access accounts", "To suspend the accounts of those who should have no access.", "7.3"),
    told("report-incident", "role:iso", ISO, "To assess it at once.", "8"),
    told("report-incident", "role:process-owner", OWNER, "To know of it at once.", "8"),
    told("report-incident", "role:process-manager", MANAGER, "To know that an incident is open.", "8"),
    told("report-incident", WHO_IDENTIFIED, DIRECTOR, "To know that an incident is open.", "8"),
    told("report-incident", "role:administrator", ADMINISTRATOR, "To suspend accounts when that is asked for.", "7.3"),
    takes("assess-incident", ISO, "To say how severe it is, what must be done, and whether the law asks for notification.", "8"),
    reads("assess-incident", EVERYBODY, "incident", "To know which incident is meant.", "8"),
    reads("assess-incident", (ADMINISTRATOR,), "suspend_access accounts", "To suspend the accounts of those who should have no access.", "7.3"),
    told("assess-incident", "role:administrator", ADMINISTRATOR, "To suspend accounts when that is asked for.", "7.3"),
    reads("assess-incident", _ABOUT_INCIDENTS, "severity suspend_access accounts to_be_done notification notify note", "To do what must be done.", "8"),
    told("assess-incident", CONTACT, REQUESTOR, "To do what must be done.", "8"),
    told("assess-incident", "role:process-owner", OWNER, "To know that an incident is not assessed yet.", "8"),
    takes("acknowledge-incident", OWNER, "To confirm that the Process Owner knows of it.", "8"),
    reads("acknowledge-incident", EVERYBODY, "incident confirmed", "To know that the Process Owner knows of it.", "8"),
    reads("acknowledge-incident", _ABOUT_INCIDENTS, "note", "To read what the Process Owner adds.", "8"),
    takes("act-on-incident", REQUESTOR, "To say what was done.", "8"),
    reads("act-on-incident", EVERYBODY, "incident", "To know which incident is meant.", "8"),
    reads("act-on-incident", _ABOUT_INCIDENTS, "done done_on evidence note", "To see what was done.", "8"),
    told("act-on-incident", "role:iso", ISO, "To know that nothing is said yet of what was done.", "8"),
    takes("close-incident", ISO, "To close it when what must be done is done.", "8"),
    reads("close-incident", EVERYBODY, "incident closed_on", "To know that it is closed.", "8"),
    reads("close-incident", _ABOUT_INCIDENTS, "cause measures note", "To learn from it.", "8"),
    told("close-incident", CONTACT, REQUESTOR, "To know that it is closed.", "8"),
    told("close-incident", "role:process-owner", OWNER, "To know that it is closed.", "8"),
    told("close-incident", "role:process-manager", MANAGER, "To know that it is closed.", "8"),
    told("close-incident", WHO_IDENTIFIED, DIRECTOR, "To know that it is closed.", "8"),
)  # fmt: skip

_MOU_VERSIONS = (
    takes("offer-mou", MANAGER, "To have the MOU's new text signed.", "6.7.2"),
    takes("offer-mou", ITSELF, "To send it to every organization on an older text, while a campaign runs.", "6.7.2"),
    reads("offer-mou", EVERYBODY, "letters note", "To read the text as it was sent.", "6.7.2"),
    told("offer-mou", f"{CONTACT} {SIGNER}", REQUESTOR, "To have the new text, and to be asked to sign.", "6.8.1"),
)  # fmt: skip

_CONTACTS = (
    takes("invite-requestor", DIRECTOR, "To name the contact person of an organization whose agreement is older than the portal.", "6.2"),
    takes("invite-requestor", COORDINATOR, "To name them for the LCSA, whose contact the Coordinator is.", "1.5"),
    takes("invite-requestor", MANAGER, "To name them where nobody of the LCSA does, and to send a new link.", "6.3.3"),
    reads("invite-requestor", EVERYBODY, "contact_name contact_title contact_phone contact_email note", "To know who acts for the organization.", "6.2"),
    told("invite-requestor", INVITED_CONTACT, REQUESTOR, "To be invited, with the link that makes an account.", "6.3.3"),
)  # fmt: skip

AFTERWARDS = (*_CONTACTS, *_CERTIFICATION, *_AUDITS, *_SURVEYS, *_RENEWAL, *_SEAM, *_ENDS, *_INCIDENTS, *_MOU_VERSIONS)
"""All of them."""
