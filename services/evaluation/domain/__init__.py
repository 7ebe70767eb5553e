"""Who may evaluate, when, and what follows. Pure: no clock, store, bus or log."""
