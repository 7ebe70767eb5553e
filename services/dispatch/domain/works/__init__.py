"""The work: by the unit itself, by several units, or by partners; its check and its end.

- `handling`: the unit that has it says how it stands, and that it is done
- `tasks`, `lead`: it is split among units; the district names the one that leads
- `call`, `changing`, `claims`: the need is opened to partners, grows, and what they tell of it
- `checking`: the acceptance check, and doing it again
- `closing`: how it ends
- `reopening`: it was closed and is not good
- `binding`: it repeats another order, ends with that or comes back
"""
