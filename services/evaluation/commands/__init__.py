"""What people ask of evaluation. One file, one use case."""
