"""HTTP in: the board, matching, claims and the work on them, their money, the registry. Each adds to one router."""

from services.partners.api import board, claims, funding, matching, registry, work
from services.partners.api.router import Use, router

__all__ = ["Use", "board", "claims", "funding", "matching", "registry", "router", "work"]
