"""What an order is, and what may be done with it. Pure: no clock, store, bus or log."""
