"""Dispatch 派单: who answers for an order.

Keeps the list of dispatches: one entry for each order, with the level that answers for it, the clocks that run, the
referrals, the rounds of deliberation, the call to partners and the money.

Hears intake, partners and evaluation (`bus.py`); what it tells is in `shared/contracts/from_dispatch/`, and who hears
that in docs/flow.md.
"""
