"""The core: what a step is, whose turn it is, what a document becomes when a step is taken.

Standard library only: no web, no store, no clock, no environment. What the core must know of the world
(the time, the reserve that is left) comes in as an argument. `third_party_access/` declares the one
process that the portal runs today; nothing in the other files knows of it.
"""
