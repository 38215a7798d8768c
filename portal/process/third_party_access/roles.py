"""The ten roles of [1.5] and the portal's own administrator: what they are called, their scope, what each does."""

from portal.process.step import Role

STATE: tuple[str, ...] = ()
LCSA = ("lcsa",)
ORGANIZATION = ("lcsa", "organization")

ROLES = (
    Role("process-owner", "Process Owner", STATE, "Oversees the process, decides applications and the number of accounts, and signs the MOU for DCSS."),
    Role("process-manager", "Process Manager", STATE, "Receives and routes applications, keeps the tracking sheet and the Matrix, sends letters and packages."),
    Role("director", "LCSA Director", LCSA, "Identifies organizations, recommends accounts, designates the Coordinator and the Administrator, directs the account set-up."),
    Role("requestor", "Requestor", ORGANIZATION, "Applies, has the MOU signed, trains and certifies users, keeps their statements."),
    Role("legal", "DCSS Legal", STATE, "Gives the opinion on statutory authority.", "DCSS Legal"),
    Role("contract-manager", "Contract Manager", STATE, "Keeps signed MOUs and says when renewal is due."),
    Role("coordinator", "LCSA Third Party Access Coordinator", LCSA, "Is the LCSA's contact for all third party access, and acts for the Director where the Director designates it."),
    Role("administrator", "LCSA System Administrator", LCSA, "Sets up, changes and removes user accounts, with a security profile for each."),
    Role("infrastructure-manager", "Infrastructure Manager", STATE, "Tests the connection, makes the office ID, evaluates the infrastructure."),
    Role("iso", "DCSS Information Security Officer", STATE, "Audits Requestors and reviews the access log."),
    Role("portal-administrator", "Portal Administrator", STATE, "Keeps the accounts of the portal itself: invites people, gives and withdraws roles. Holds no other role in the same account."),
)  # fmt: skip

CONTACT, SIGNER = "person:complete_application.contact", "person:complete_application.mou_signer"
OFFICER = "person:complete_application.iso"
"""The organization's own Information Security Officer."""
INVITEE, WHO_IDENTIFIED = "person:identify_requestor.invitee", "actor:identify-requestor"
"""People whom an application names, as mails and letters address them (`Tell.to`)."""
