"""What all routes of dispatch share: the router they stand on, who may ask, what they use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter
from pydantic import StringConstraints

from services.dispatch.books import Books
from services.dispatch.domain.dispatch import IsPaused
from services.dispatch.domain.duty import NotYourLevel
from services.dispatch.domain.ground import Ground
from services.dispatch.domain.limits import Limits
from services.dispatch.domain.territory import Territory
from services.dispatch.queries.figures import Figures
from services.dispatch.queries.rows import Maps
from services.dispatch.queries.saved import SavedFilters
from services.dispatch.store import Dispatches
from shared.caller import STAFF, Caller, Role
from shared.http import Asked, Depends, asked_by, signed_in, using
from shared.problems import NotFound, WrongState
from shared.quick import QuickRoute


@dataclass(frozen=True, slots=True)
class Use:
    """What the routes need; built once at start."""

    dispatches: Dispatches
    filters: SavedFilters
    maps: Maps
    figures: Figures
    books: Books
    limits: Limits
    timezone: str

    @property
    def ground(self) -> Ground:
        """The newest version of what everybody stands on. Whoever decides takes it once."""
        return self.books.now

    @property
    def territory(self) -> Territory:
        return self.books.now.territory


Uses = Annotated[Use, Depends(using(Use))]
Staff = Annotated[Asked, Depends(asked_by(*STAFF))]
Department = Annotated[Asked, Depends(asked_by(Role.DEPARTMENT))]
StaffOrDepartment = Annotated[Asked, Depends(asked_by(*STAFF, Role.DEPARTMENT))]
Anybody = Annotated[Caller, Depends(signed_in())]
AreaPath = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}(/[0-9]{1,12}){0,3}$")]

router = APIRouter(prefix="/api/dispatch/v1", route_class=QuickRoute)
AT = "/dispatches/{order_id}"
ALWAYS = (NotFound, NotYourLevel, WrongState, IsPaused)
