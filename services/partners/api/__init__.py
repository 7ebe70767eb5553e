"""HTTP in: the board, claims and the work on them, and the registry. Each module puts its routes on one router."""

from services.partners.api import board, claims, registry, work
from services.partners.api.router import Use, router

__all__ = ["Use", "board", "claims", "registry", "router", "work"]
