"""What is kept of the ground: which routing rule decided."""

from __future__ import annotations

from services.dispatch.domain.states import Level
from shared.entry import Kept


class Routed(Kept):
    """Which rule decided, in which version of the rules, and why; and what it said."""

    rule: str
    name: str
    version: int
    why: str
    level: Level
    unit: str | None = None
    department: str | None = None
    lead: str | None = None
