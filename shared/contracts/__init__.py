"""What the services say to one another. A published version never changes: it is for ever."""
