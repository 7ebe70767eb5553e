"""What we do when we hear something: one file, one message. Pure; the mechanism loads and saves."""
