"""What evaluation says: whether it was good."""
