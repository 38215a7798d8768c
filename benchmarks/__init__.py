"""The benchmarks: `python -m benchmarks`, or `make bench`. What is measured is printed as a ratio to something bare.

- `machine.py`: on which machine.
- `bare.py`: what is measured against: a bare page of the same bytes, a bare durable write of the same bytes.
- `visitor.py`: the portal in this process, and people who are signed in to it.
- `stores.py`, `filling.py`: stores of both kinds, with so many applications in them.
- `worker.py`, `team.py`: a process for each size of store, asked in turns, so that all see the same moments.
- `pages.py`, `writes.py`, `starts.py`, `exports.py`, `crowd.py`, `serving.py`: what is measured.
- `tables.py`: how it is printed.
"""
