"""One whole system for all stories that need no settings of their own; the others start theirs."""

from __future__ import annotations

from tests.e2e.conftest import cast, lists, plain, system

__all__ = ["cast", "lists", "plain", "system"]
