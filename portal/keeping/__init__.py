"""Backup, restore and move: everything that the portal keeps, from any store, into any store, to the letter.

Imports the standard library and the store's port; knows documents, not steps. What is copied is compared afterwards.
"""

from portal.keeping.archive import NotABackup
from portal.keeping.backup import back_up
from portal.keeping.holdings import Holdings, NotEmpty, Outcome, unfinished
from portal.keeping.move import move
from portal.keeping.restore import restore, restore_one

__all__ = ["Holdings", "NotABackup", "NotEmpty", "Outcome", "back_up", "move", "restore", "restore_one", "unfinished"]
