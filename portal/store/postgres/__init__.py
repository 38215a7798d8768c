"""The parts of the PostgreSQL store, each with one purpose. `portal.store.postgres_store` puts them together.

- `connections.py`: the driver, its pools, transactions, and what becomes of their errors. It alone imports psycopg.
- `schema.py` and `schema.sql`: the tables, made at first use.
- `locks.py`: locks by name, on what has no row to be locked.
- `documents.py`, `exact_json.py`: reading a document, and the block of writing.
- `counts.py`: how many there are, kept as they change.
- `finding.py`, `inboxes.py`, `where.py`: lists, inboxes, and their conditions.
- `records.py`, `content_files.py`, `log.py`: everything else that is kept.
"""
