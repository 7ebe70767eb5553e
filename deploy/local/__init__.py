"""Starts the whole system on one machine: real servers, no container."""
