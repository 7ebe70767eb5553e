"""What people ask where it takes more than load, one rule, save: one file, one use case."""
