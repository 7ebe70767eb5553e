"""What an operator is told when a command cannot do its work."""

from __future__ import annotations


class Trouble(Exception):
    """The text is one clear sentence; no trace is shown with it."""
