"""What proofs are judged by is itself tried."""
