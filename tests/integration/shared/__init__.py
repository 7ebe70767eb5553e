"""The mechanism on the real servers: entries, telling, hearing, clocks, live updates."""
