"""Why the system does not start: one clear sentence for the person who started it."""

from __future__ import annotations


class Refused(Exception):
    """It cannot start here as it was asked to; nothing was changed. The text says what to do."""


class Broken(Exception):
    """It was started and did not come up. The text says which part, and what it said last."""
