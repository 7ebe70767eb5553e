"""Supervision 督办: the district watches over the way out.

- `raising`: what is watched, by which cause, until when; and how it ends
- `directing`: the district says who has to do what, and closes it with a result
"""
