"""How well a partner and a call fit, and why; and whom a call is offered to.

| rules of | in |
|---|---|
| what is looked at: a need, a giver, its load | `facts`, `loads` |
| the score, and its words | `score`, `words` |
| finding who can fit without looking at all | `index` |
| offering step by step, declining | `offering` |
"""
