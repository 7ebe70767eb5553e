"""What becomes of a call by what the other lists say, and by time. What is kept of it is in `domain/call.py`.

| rules of | in |
|---|---|
| opening, changing, moving, withdrawing, ending, back to work | `calling` |
| what lists find a call by | `finding` |
"""
