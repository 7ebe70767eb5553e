"""HTTP in: the board, matching, claims and the work on them, their money, the registry. Each adds to one router."""

from services.partners.api import (
    alliances,
    board,
    claims,
    funding,
    hands,
    matching,
    members,
    registry,
    standing,
    work,
)
from services.partners.api.router import Use, router

__all__ = [
    "Use",
    "alliances",
    "board",
    "claims",
    "funding",
    "hands",
    "matching",
    "members",
    "registry",
    "router",
    "standing",
    "work",
]
