"""What a benchmark concludes from what it saw."""
