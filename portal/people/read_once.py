"""The people as they were at one moment, for work that asks for thousands of them."""

from collections import defaultdict

from portal.people.people import People, covers
from portal.people.person import Person
from portal.process.step import Grant


class PeopleReadOnce(People):
    """As the people they are made of, who are read from the store once; what is changed later does not show."""

    def __init__(self, people: People) -> None:
        self.__dict__.update(people.__dict__)
        self._everyone = people.everyone()
        self._by_email = {person.email: person for person in self._everyone}
        # Those of one organization are looked up: there are as many as organizations.
        self._of_organization: defaultdict[tuple[str, str, str], list[Person]] = defaultdict(list)
        self._holders: defaultdict[str, list[tuple[Grant, Person]]] = defaultdict(list)
        self._beyond: defaultdict[str, list[tuple[Grant, Person]]] = defaultdict(list)
        for person in self._everyone:
            for grant in person.grants if person.active else ():
                self._holders[grant.role].append((grant, person))
                if grant.scope.keys() == {"lcsa", "organization"}:
                    self._of_organization[grant.role, grant.scope["lcsa"], grant.scope["organization"]].append(person)
                else:
                    self._beyond[grant.role].append((grant, person))

    def everyone(self) -> list[Person]:
        """Everybody, by address."""
        return self._everyone

    def get(self, email: str) -> Person | None:
        """The person of this address, active or not, or None."""
        return self._by_email.get(email.strip().lower())

    def with_role(self, role: str, lcsa: str | None = None, organization: str | None = None) -> list[Person]:
        """As `People.with_role`."""
        given = {"lcsa": lcsa, "organization": organization}
        wanted = {name: value for name, value in given.items() if value is not None}
        found, others = list[Person](), self._holders[role]
        if lcsa is not None and organization is not None:
            found, others = self._of_organization.get((role, lcsa, organization), []), self._beyond[role]
        found = [*found, *(person for grant, person in others if covers(grant, role, wanted))]
        return sorted({person.email: person for person in found}.values(), key=lambda person: person.email)
