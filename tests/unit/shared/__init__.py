"""The mechanism without servers: what is pure, and the edge of HTTP."""
