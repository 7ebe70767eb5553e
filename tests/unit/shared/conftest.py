"""Fixtures of the tests beside this file."""

from tests.unit.shared.lamps import app, client, folder, use

__all__ = ["app", "client", "folder", "use"]
