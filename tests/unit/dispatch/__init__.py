"""The rules of dispatch, as sentences."""
