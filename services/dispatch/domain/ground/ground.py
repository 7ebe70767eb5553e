"""What dispatch stands on: one version each of the territory, the departments and the routing rules."""

from __future__ import annotations

from typing import NamedTuple

from services.dispatch.domain.ground.department import Department
from services.dispatch.domain.ground.known import Known
from services.dispatch.domain.ground.routing import Routing
from services.dispatch.domain.ground.territory import Territory


class Ground(NamedTuple):
    """Frozen. Whoever decides takes it once, and decides by that."""

    territory: Territory
    departments: tuple[Department, ...] = ()
    routing: Routing = Routing()
    departments_version: int = 0
    former: tuple[Department, ...] = ()  # that were deleted
    known: Known = Known()

    def department(self, id: str | None) -> Department | None:
        return next((one for one in self.departments if one.id == id), None)
