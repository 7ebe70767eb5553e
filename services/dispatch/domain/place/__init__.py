"""The place of an order, and with it who has it first.

- `opening`: a placed order gets its grid and its clocks; a routing rule may hand it on
- `amending`: place, category, answers or urgency were corrected
- `amended_limits`: and with them how long everybody has for it
- `titling`: what lists show it as: words of the category or the staff, and the name of the place
- `moving`: it comes to another area: handed over, or found anew
- `succeeding`: whoever has it in hand has another name there
"""
