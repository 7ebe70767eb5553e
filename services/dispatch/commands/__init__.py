"""What people ask of dispatch: one file, one use case."""
