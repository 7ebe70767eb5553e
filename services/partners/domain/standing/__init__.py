"""How good a partner is, what it did for people, and what it may say against that.

| rules of | in |
|---|---|
| the table of what counts how much; periods | `rules`, `period` |
| what happened, and what it is worth: standing, points, stars, honours | `score` |
| verdicts, and appeals against them or against a loss | `appeals` |
| what a partner did for people | `impact` |
| what everybody may see of it | `publishing` |
"""
