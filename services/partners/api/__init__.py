"""HTTP in: the board, claims and the work on them, their money, the registry. Each module adds to one router."""

from services.partners.api import board, claims, funding, registry, work
from services.partners.api.router import Use, router

__all__ = ["Use", "board", "claims", "funding", "registry", "router", "work"]
