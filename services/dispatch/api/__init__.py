"""HTTP in, in rooms named as the rules are; besides them `reading` (lists, one dispatch) and `figures`.

Each module puts its routes on one router. A route that asks something of a dispatch names the rule that decides.
"""

from services.dispatch.api import (
    clocks,
    deliberation,
    figures,
    ground,
    ladder,
    place,
    reading,
    supervision,
    works,
)
from services.dispatch.api.router import Use, router

__all__ = [
    "Use", "clocks", "deliberation", "figures", "ground", "ladder", "place", "reading", "router", "supervision",
    "works",
]  # fmt: skip
