"""The parts of the system: for each how to start it, how to know that it is ready, how to stop it."""
