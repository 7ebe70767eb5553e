"""What becomes of a pledge: confirmed, received, returned; and the figures of that. No money moves here.

| rules of | in |
|---|---|
| the record, and what follows from it | `pledges` |
"""
