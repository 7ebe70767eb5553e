"""HTTP in, by subject: calls, matching, claims, the work on them, money, the registry, standing. Each adds to one
router."""

from services.partners.api import calls, claims, matching, money, registry, standing, works
from services.partners.api.router import Use, router

__all__ = ["Use", "calls", "claims", "matching", "money", "registry", "router", "standing", "works"]
