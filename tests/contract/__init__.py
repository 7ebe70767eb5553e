"""Contracts as a product: what is said stays readable for ever, and every document says what the code does."""
