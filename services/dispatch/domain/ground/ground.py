"""What dispatch stands on: one version each of the territory, the departments and the routing rules, and the staff."""

from __future__ import annotations

from typing import NamedTuple

from services.dispatch.domain.ground.department import Department
from services.dispatch.domain.ground.known import Known
from services.dispatch.domain.ground.register import Register
from services.dispatch.domain.ground.routing import Routing
from services.dispatch.domain.ground.staff import role_of
from services.dispatch.domain.ground.territory import Territory
from shared.caller import lies_in


class Ground(NamedTuple):
    """Frozen. Whoever decides takes it once, and decides by that."""

    territory: Territory
    departments: tuple[Department, ...] = ()
    routing: Routing = Routing()
    departments_version: int = 0
    former: tuple[Department, ...] = ()  # that were deleted
    known: Known = Known()
    register: Register = Register()

    def department(self, id: str | None) -> Department | None:
        return next((one for one in self.departments if one.id == id), None)

    def sees(self, id: str, area: str) -> bool | None:
        """Whether a person or a department of this id sees what it has in an area; None: nobody can say.

        Who takes something is looked up nowhere; and whose area is gone has not been told yet where they are now.
        """
        if self.department(id) is not None:
            return True
        if id in self.register.left or any(one.id == id for one in self.former):
            return False
        person = self.register.people.get(id)
        if person is None or person.area not in self.territory.areas:
            return None
        return role_of(person) is not None and lies_in(area, person.area)
