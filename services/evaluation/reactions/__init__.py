"""What intake and dispatch say about an order: who may evaluate it, and the facts for the rates."""
