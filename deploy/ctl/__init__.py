"""The operator's command `hehuo`."""
