"""Mechanism and contracts: what every list needs and none of them owns."""
