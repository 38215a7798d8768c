"""Where a portal of the tests keeps everything: a data folder of its own, and one of the two stores."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from portal import create_app
from portal.parts import Portal
from portal.process.upgrade import upgraded
from portal.settings import Settings
from portal.store import open_store
from portal.store.as_read import read_as
from portal.store.port import Store

TINYDB = "tinydb:"
SECRET = "a secret of the fault tests"


@dataclass(frozen=True, slots=True)
class Place:
    """A data folder and a store, `tinydb:` or a database's URL, in which the demo's people have accounts."""

    data: Path
    url: str

    @property
    def is_folder(self) -> bool:
        """Whether everything is in the data folder."""
        return self.url == TINYDB

    @property
    def kind(self) -> str:
        """What the store is called."""
        return "TinyDB" if self.is_folder else "PostgreSQL"

    @property
    def settings(self) -> Settings:
        """The settings of a portal here."""
        return Settings(secret_key=SECRET, data=self.data, store=self.url, demo=True)

    @property
    def environment(self) -> dict[str, str]:
        """The same, as variables for a process."""
        return {
            "PORTAL_DATA": str(self.data),
            "PORTAL_STORE": self.url,
            "PORTAL_SECRET_KEY": SECRET,
            "PORTAL_DEMO": "on",
            "FLASK_APP": "wsgi",
        }

    def open(self) -> Store:
        """The store, opened anew as another process would."""
        return open_store(self.url, self.data)

    def portal(self, **other: Any) -> Portal:
        """The parts of a portal here, opened anew; it sends no mail by itself."""
        portal: Portal = create_app(self.settings, background=False, **other).extensions["portal"]
        return portal

    def reopened(self, portal: Portal) -> Portal:
        """The same portal with its store opened anew: in a tenth of the time that a new one takes."""
        return replace(portal, store=read_as(self.open(), upgraded))
