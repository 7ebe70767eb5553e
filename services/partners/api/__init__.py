"""HTTP in: the board, claims and the work on them, their money, the registry. Each module adds to one router."""

from services.partners.api import alliances, board, claims, funding, members, registry, work
from services.partners.api.router import Use, router

__all__ = ["Use", "alliances", "board", "claims", "funding", "members", "registry", "router", "work"]
