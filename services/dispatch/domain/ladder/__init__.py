"""The ladder: who answers for it, and whom they can ask.

- `assignment`: a person or a unit takes it
- `whistle`, `joint`: the next level is called, or several units at once; silence climbs
- `referral`, `dispute`: a department is asked, refuses, and the refusal is disputed
- `deadlock`: nobody is responsible, or nobody can
"""
