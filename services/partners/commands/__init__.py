"""What people ask: one file, one use case."""
