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
    time,
    units,
    work,
)
from services.dispatch.api.router import Use, router

__all__ = [
    "Use", "figures", "ladder", "payments", "reading", "rounds", "router", "routing", "staff", "territory", "time",
    "units", "work",
]  # fmt: skip
