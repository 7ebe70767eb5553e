"""What all routes of partners share: the router they stand on, who may ask, what they use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query

from services.partners.books import Registry
from services.partners.domain.refusals import AlreadyDelivered, DisplacedHolder, NotAPartner
from services.partners.domain.terms import Terms
from services.partners.queries.market import Market
from services.partners.store import Calls
from shared.caller import STAFF, Role
from shared.http import Asked, Depends, asked_by, using
from shared.problems import NotFound, WrongState
from shared.quick import QuickRoute
from shared.store import Guards


@dataclass(frozen=True, slots=True)
class Use:
    """What the routes need; built once at start."""

    calls: Calls
    registry: Registry
    terms: Terms
    market: Market
    holders: Guards  # one beside each partner: what it carries is counted anew before it takes more


Uses = Annotated[Use, Depends(using(Use))]
SignedIn = Annotated[Asked, Depends(asked_by())]
Members = Annotated[Asked, Depends(asked_by(Role.PARTNER))]
Staff = Annotated[Asked, Depends(asked_by(*STAFF))]
Readers = Annotated[Asked, Depends(asked_by(Role.PARTNER, *STAFF))]
AreaPath = Annotated[str, Query(pattern=r"^[0-9]{6}(/[0-9A-Za-z_-]{1,20}){0,4}$")]
Cursor = Annotated[str | None, Query(max_length=64)]
Limit = Annotated[int, Query(ge=1, le=100)]

router = APIRouter(prefix="/api/partners/v1", route_class=QuickRoute)
AT = "/calls/{order_id}"
CLAIMS = AT + "/claims"
CLAIM = CLAIMS + "/{claim_id}"
HELD = (NotFound, NotAPartner, DisplacedHolder, AlreadyDelivered, WrongState)
