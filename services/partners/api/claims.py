"""Claims: lines of a call are taken, and given back."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from services.partners.api.router import CLAIM, CLAIMS, HELD, Members, Readers, Uses, router
from services.partners.commands.claim_call import claim_call
from services.partners.commands.release_claim import release_claim
from services.partners.domain.asks import ClaimCall, ReleaseClaim
from services.partners.domain.refusals import (
    CallOver,
    CoolingDown,
    ExclusivelyTaken,
    HoldsTooMany,
    LineTaken,
    NoSuchLine,
    NotAPartner,
    NotDeclared,
    NotOffered,
    OwnMatter,
    PledgeTooLarge,
    ReserveTooSmall,
    TakenAsAWhole,
    TooFewFinished,
    TooManyClaims,
)
from services.partners.domain.registry_refusals import AreaNotServed, NotVerified, Suspended
from services.partners.queries.calls import CallOut
from services.partners.queries.reserve import ReserveOut, reserve_for
from shared.http import problems, reply
from shared.problems import NotFound, WrongState


@router.post(
    CLAIMS,
    tags=["claims"],
    response_model=CallOut,
    responses=problems(
        NotFound,
        NotAPartner,
        NotVerified,
        Suspended,
        AreaNotServed,
        NotOffered,
        CallOver,
        NoSuchLine,
        LineTaken,
        PledgeTooLarge,
        ExclusivelyTaken,
        TakenAsAWhole,
        TooManyClaims,
        HoldsTooMany,
        TooFewFinished,
        NotDeclared,
        ReserveTooSmall,
        CoolingDown,
        OwnMatter,
        WrongState,
    ),
)
async def post_claim(order_id: UUID, body: ClaimCall, asked: Members, use: Uses) -> Response:
    """Claim lines of a call. Repeating the request is safe; a refusal says what is still missing.

    The same amounts of the same lines that you hold already are a repetition, whatever the `Idempotency-Key`: nothing
    more is claimed. Who wants as much again gives another amount, or releases first and claims all at once.
    """
    return reply(
        await claim_call(order_id, body, use.calls, use.registry, use.holders, use.terms, asked), asked
    )


@router.post(CLAIM + "/release", tags=["claims"], response_model=CallOut, responses=problems(*HELD))
async def post_release(
    order_id: UUID, claim_id: UUID, body: ReleaseClaim, asked: Members, use: Uses
) -> Response:
    """Give your lines back, with a reason. What you had taken is missing again at once."""
    return reply(await release_claim(order_id, claim_id, body, use.calls, use.terms, asked), asked)


@router.get("/partners/{id}/reserve", tags=["partners"], responses=problems(NotFound))
async def get_reserve(id: UUID, asked: Readers, use: Uses) -> ReserveOut:
    """What a partner has, what of it is promised or given, and what is free: for its members and for staff."""
    return await reserve_for(use.calls, use.registry, id, asked.caller, use.terms, asked.now)
