"""The gateway: one policy for every place, and how it is written out for Envoy."""
