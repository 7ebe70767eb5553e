"""Deliberation: what the households agree on, and who pays what. Money in whole fen.

- `rounds`, `allocation`: a proposal with its cost, and how it is shared to the fen
- `consent`: what the households say; agreed or not, the gap, and when it binds
- `notice`: the public notice, objections and their answers
- `payment`: what was paid of the shares, and returned
"""
