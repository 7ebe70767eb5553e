"""The list of evaluations (居民评单): whether it was good, and the rates that come of it.

Keeps: `evaluations`, one entry per order, with the words of the residents, which never leave it.
Hears: from intake who ordered; from dispatch when it was to be answered and closed, and that the check has passed.
Tells: what is in `shared/contracts/from_evaluation/`; who hears it is in docs/flow.md.
"""
