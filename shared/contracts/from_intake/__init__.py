"""What intake says: what residents ordered."""
