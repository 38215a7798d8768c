"""The portal, for a web server and for `flask`."""

from portal import create_app

app = create_app()
