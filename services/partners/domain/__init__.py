"""What is allowed: states, legal moves and rules. Pure: no clock, no store, no bus, no log."""
