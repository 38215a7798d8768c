"""The store: where documents, records, files and the access log are kept, and how they are found again.

The store knows documents, not steps. It may import the standard library and its own drivers; each driver is
imported by one file alone. `port.py` says what every store promises; the tests of that contract run on each.
"""
