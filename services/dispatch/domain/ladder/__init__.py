"""The ladder: who answers for it, and whom they can ask.

- `assignment`: a person or a unit takes it
- `whistle`, `joint`: the next level is called, or several units at once; silence climbs
- `referral`, `dispute`: a department is asked, refuses, and the refusal is disputed
- `recall`, `succession`: what was asked of the wrong one is taken back; a deleted department has a successor
- `deadlock`: nobody is responsible, or nobody can
"""
