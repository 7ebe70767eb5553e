"""The partners: who they are and may be, who acts for them, what they can give, which alliances they are in.

| rules of | in |
|---|---|
| a partner, its states and every legal move (`NEXT`), who decides about it | `partner` |
| applying, being verified or refused, suspended, leaving | `registering` |
| members, owners, invitations, homes | `members` |
| what it can give: the form, and adding, changing, taking back | `resource`, `giving` |
| alliances and who belongs to them | `alliance` |
"""
