"""What the other lists say, each a line of the resident's timeline."""
