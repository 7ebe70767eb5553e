"""The place of an order, and with it who has it first.

- `opening`: a placed order gets its grid and its clocks; a routing rule may hand it on
- `amending`: the place or the category was corrected
- `moving`: it comes to another area: handed over, or found anew
- `succeeding`: whoever has it in hand has another name there
"""
