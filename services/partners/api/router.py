"""What all routes of partners share: the router they stand on, who may ask, what they use."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol, TypeVar
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request
from fastapi.types import DecoratedCallable
from starlette.responses import Response

from services.partners.books import Registry
from services.partners.domain.call import Call
from services.partners.domain.claims.notes import noted
from services.partners.domain.claims.refusals import AlreadyDelivered, DisplacedHolder
from services.partners.domain.registry.partner import DECIDERS, partner_of
from services.partners.domain.registry.refusals import NotAPartner
from services.partners.domain.terms import Terms
from services.partners.queries.calls import CallOut
from services.partners.queries.matching.market import Market
from services.partners.queries.matching.needs import Needs
from services.partners.queries.standing.shown import Standings
from services.partners.store import Calls
from shared.caller import STAFF, Role
from shared.entry import Decision
from shared.http import Asked, Depends, asked_by, problems, reply, using
from shared.problems import NotFound, RuleBroken, WrongState
from shared.quick import QuickRoute
from shared.store import Guards, decide

C_contra = TypeVar("C_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Use:
    """What the routes need; built once at start."""

    calls: Calls
    registry: Registry
    terms: Terms
    market: Market
    needs: Needs
    standings: Standings
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
HELD = (NotFound, NotAPartner, DisplacedHolder, AlreadyDelivered, WrongState)


def on_call(
    tag: str, path: str, *refusals: type[RuleBroken]
) -> Callable[[DecoratedCallable], DecoratedCallable]:
    """The route of what is asked of one call: answered with the call, or refused."""
    return router.post(AT + path, tags=[tag], response_model=CallOut, responses=problems(*refusals))


def on_claim(path: str, *refusals: type[RuleBroken]) -> Callable[[DecoratedCallable], DecoratedCallable]:
    """The route of what is asked of one claim: answered with its whole call, or refused."""
    return on_call("claims", f"/claims/{{claim_id}}{path}", *refusals)


async def answered(
    use: Use, order_id: UUID, asked: Asked, rule: Callable[[Call], Decision[Call]]
) -> Response:
    """What the caller sees of the call after the rule has decided."""
    return reply(await decide(use.calls, order_id, asked, rule), asked)


async def answered_partner(
    use: Use, order_id: UUID, asked: Asked, rule: Callable[[Call, UUID], Decision[Call]]
) -> Response:
    """The same, for a rule that is told which partner asks. Raises NotAPartner."""
    me = partner_of(asked.caller)  # first: whoever is no partner learns nothing of any call
    return await answered(use, order_id, asked, lambda call: rule(call, me))


class HoldersRule(Protocol[C_contra]):
    """The usual form of a rule on a claim: what its holder asks, when, and on which terms."""

    def __call__(
        self,
        call: Call,
        claim_id: UUID,
        command: C_contra,
        /,
        *,
        partner_id: UUID,
        at: datetime,
        terms: Terms,
    ) -> Decision[Call]: ...


async def by_holder(
    use: Use, order_id: UUID, claim_id: UUID, asked: Asked, rule: HoldersRule[C_contra], body: C_contra
) -> Response:
    """The answer to what a partner asks of its own claim, where the rule has the usual form."""
    return await answered_partner(
        use,
        order_id,
        asked,
        lambda call, me: noted(
            call,
            rule(call, claim_id, body, partner_id=me, at=asked.now, terms=use.terms),
            claim_id,
            body,
            by=asked.caller,
            at=asked.now,
        ),
    )


def unless_known(body: bytes, kind: str, known: str | None) -> Response:
    """Whoever looks every few seconds is sent only what has changed."""
    etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"etag": etag, "cache-control": "private, no-cache"}
    if known is not None and known.removeprefix("W/") == etag:
        return Response(None, 304, headers)
    return Response(body, 200, headers, kind)
