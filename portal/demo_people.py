"""The people of the demo: accounts for every role, and who acts for an application."""

from dataclasses import dataclass

from portal.demo_answers import Organization
from portal.parts import Portal
from portal.people.errors import AlreadyThere
from portal.process.step import BY_ITSELF, Actor, Grant

PASSWORD = "third-party-access"  # noqa: S105 - the demo's own, told to everybody

COUNTIES = ("Alameda", "Kern", "San Diego")
CONVERSIONS = {"Alameda": "2008-08-04", "Kern": "2008-05-05", "San Diego": "2008-11-03"}

STATE_PEOPLE = (
    ("process-owner", "Olivia Grant", "Deputy Director, Technology Services", "(916) 555-0101"),
    ("process-manager", "Paul Merritt", "Third Party Access Process Manager", "(916) 555-0102"),
    ("legal", "Lena Ng", "Senior Counsel", "(916) 555-0103"),
    ("contract-manager", "Carmen Ruiz", "Contract Manager", "(916) 555-0104"),
    ("iso", "Ivan Sokolov", "Information Security Officer", "(916) 555-0105"),
    ("infrastructure-manager", "Ines Moreau", "Infrastructure Manager", "(916) 555-0106"),
    ("portal-administrator", "Peter Adeyemi", "Portal Administrator", "(916) 555-0107"),
)
COUNTY_PEOPLE = {
    "Alameda": (("director", "Dora Whitfield"), ("coordinator", "Carlos Peña"), ("administrator", "Ada Lind")),
    "Kern": (("director", "Daniel Okafor"), ("coordinator", "Lee Chen"), ("administrator", "Pat Young")),
    "San Diego": (("director", "Diana Reyes"), ("coordinator", "Connor Walsh"), ("administrator", "Amir Haddad")),
}
REQUESTORS = {"Alameda": "Alice Fournier", "Kern": "María Ortega", "San Diego": "Sam O’Neill"}
TITLES = {
    "director": "Director",
    "coordinator": "Third Party Access Coordinator",
    "administrator": "System Administrator",
}


def key_of(county: str) -> str:
    """`San Diego` is `san-diego` in addresses."""
    return county.lower().replace(" ", "-")


def make_people(portal: Portal) -> None:
    for role, name, title, phone in STATE_PEOPLE:
        _add(portal, f"{role}@demo.example", name, title, phone, Grant(role))
    for county, people in COUNTY_PEOPLE.items():
        for role, name in people:
            grant = Grant(role, {"lcsa": county})
            _add(portal, f"{role}.{key_of(county)}@demo.example", name, TITLES[role], "(555) 555-0110", grant)
        grant = Grant("requestor", {"lcsa": county, "organization": f"{county} IV-A"})
        _add(
            portal,
            f"requestor.{key_of(county)}@demo.example",
            REQUESTORS[county],
            "Deputy Director",
            "(555) 555-0120",
            grant,
        )


def _add(portal: Portal, email: str, name: str, title: str, phone: str, grant: Grant) -> None:
    try:
        portal.people.add(email, name, grant, title=title, password=PASSWORD)
    except AlreadyThere:
        return
    portal.people.describe(email, name, title, phone)


@dataclass(frozen=True, slots=True)
class Cast:
    """Who acts for one application: the demo's people of the state and the county, and somebody of the organization."""

    portal: Portal
    organization: Organization

    def actor(self, role: str) -> Actor:
        """Who holds this role for the application; `itself` is the portal."""
        if role == "itself":
            return BY_ITSELF
        one = self.organization
        if role == "requestor":
            scope = {"lcsa": one.county, "organization": one.name}
            return Actor(one.email, one.invitee_name, (Grant("requestor", scope),))
        is_of_county = role in TITLES
        email = f"{role}.{key_of(one.county)}@demo.example" if is_of_county else f"{role}@demo.example"
        return self.portal.people.require(email).actor
