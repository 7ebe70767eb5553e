"""HTTP in: what staff and departments ask, the queue, and the territory. Each module puts its routes on one router."""

from services.dispatch.api import (
    figures,
    ladder,
    payments,
    reading,
    rounds,
    routing,
    staff,
    territory,
    units,
    work,
)
from services.dispatch.api.router import Use, router

__all__ = [
    "Use", "figures", "ladder", "payments", "reading", "rounds", "router", "routing", "staff", "territory", "units",
    "work",
]  # fmt: skip
