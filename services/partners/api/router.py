"""What all routes of partners share: the router they stand on, who may ask, what they use."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response

from services.partners.books import Registry
from services.partners.domain.claims.refusals import AlreadyDelivered, DisplacedHolder
from services.partners.domain.registry.partner import DECIDERS
from services.partners.domain.registry.refusals import NotAPartner
from services.partners.domain.terms import Terms
from services.partners.queries.matching.market import Market
from services.partners.queries.matching.needs import Needs
from services.partners.queries.standing import Standings
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
    needs: Needs
    standings: Standings
    timezone: str
    holders: Guards  # one beside each partner: what it carries is counted anew before it takes more


def _acting(*roles: Role) -> Callable[[Request], Awaitable[Asked]]:
    """Like `asked_by`; whoever comes for a partner is one of its members. Raises NotAPartner, too."""
    who = asked_by(*roles)

    async def asked_of(request: Request) -> Asked:
        asked = await who(request)
        request.app.state.use.registry.must_act(asked.caller)
        return asked

    return asked_of


Uses = Annotated[Use, Depends(using(Use))]
SignedIn = Annotated[Asked, Depends(asked_by())]
Members = Annotated[Asked, Depends(_acting(Role.PARTNER))]
Readers = Annotated[Asked, Depends(_acting(Role.PARTNER, *STAFF))]
Deciders = Annotated[Asked, Depends(asked_by(*DECIDERS))]
Staff = Annotated[Asked, Depends(asked_by(*STAFF))]
AreaPath = Annotated[str, Query(pattern=r"^[0-9]{6}(/[0-9A-Za-z_-]{1,20}){0,4}$")]
Known = Annotated[str | None, Header(alias="If-None-Match", max_length=64)]
Cursor = Annotated[str | None, Query(max_length=64)]
Limit = Annotated[int, Query(ge=1, le=100)]

router = APIRouter(prefix="/api/partners/v1", route_class=QuickRoute)
AT = "/calls/{order_id}"
PARTNER = "/partners/{id}"
CLAIMS = AT + "/claims"
CLAIM = CLAIMS + "/{claim_id}"
HELD = (NotFound, NotAPartner, DisplacedHolder, AlreadyDelivered, WrongState)


def unless_known(body: bytes, kind: str, known: str | None) -> Response:
    """Whoever looks every few seconds is sent only what has changed."""
    etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"etag": etag, "cache-control": "private, no-cache"}
    if known is not None and known.removeprefix("W/") == etag:
        return Response(None, 304, headers)
    return Response(body, 200, headers, kind)
