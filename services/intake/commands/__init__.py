"""What people ask of intake. One file, one use case."""
