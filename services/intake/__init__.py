"""The list of orders (居民点单): what residents say is wrong or missing, and what has become of it.

Keeps: `orders`, one entry per order, with the contact data and the words of the resident, which never leave it.
Hears: what dispatch, partners and evaluation say; each message becomes a line of the resident's timeline (`bus.py`).
Tells: what is in `shared/contracts/from_intake/`; who hears it is in docs/flow.md.
"""
