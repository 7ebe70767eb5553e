"""Partners keeps the third list: the calls, each a need that partners may take, and who took what of it.

Hears dispatch and evaluation (`bus.py`); what it tells is in `shared/contracts/from_partners/`, and who hears that in
docs/flow.md.
"""
