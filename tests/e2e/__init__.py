"""Through the gateway of a whole system, as people use it."""
