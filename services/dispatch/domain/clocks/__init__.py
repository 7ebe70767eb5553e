"""Clocks: when something has to be done, and when time stands still.

- `limits`: how long things may take and how often they may fail; the ends that people may choose
- `watch`: whoever has it is waited for; reminders; what should have ended is overdue
- `changed_calendar`: another calendar came, and what it has a say in is counted anew
- `judging`: whether a limit was kept, at every save; told to who counts it
- `pause`: a pause, a deferral, an extension: asked for, granted, over
- `question`: the resident is asked, and the clocks stand still
"""
