"""The work on what was claimed, by whoever holds it.

| rules of | in |
|---|---|
| plan, progress, delivery | `working` |
| surveys, blocks and going on | `blocking` |
| what time does to a claim: reminder, stale, taken back | `stale` |
"""
