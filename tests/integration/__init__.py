"""What works together with the real servers."""
