"""The portal's own accounts: who may sign in, with which roles, and how they prove who they are.

It may import the standard library, the store's port, `process.step` (a grant is the core's word), and its own drivers:
argon2 and zxcvbn (passwords), pyotp (codes), segno (the QR code), authlib (the provider), click and Flask in
`commands.py`, `session.py` and `provider.py` alone. `commands.py` and `passwords.py` also know the LCSAs by name.
Nothing here knows of an application: an invitation carries its id and no more.
"""

from portal.people.people import People
from portal.people.person import Person

__all__ = ["People", "Person"]
