"""What dispatch says: who answers for an order, and how it goes on."""
