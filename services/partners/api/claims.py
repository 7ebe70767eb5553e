"""Claims: lines of a call are taken, and given back."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from services.partners.api.router import CLAIM, CLAIMS, HELD, Members, Uses, router
from services.partners.commands.claim_call import claim_call
from services.partners.commands.release_claim import release_claim
from services.partners.domain.asks import ClaimCall, ReleaseClaim
from services.partners.domain.refusals import (
    CallOver,
    ExclusivelyTaken,
    LineTaken,
    NoSuchLine,
    NotAPartner,
    NotOffered,
    PledgeTooLarge,
    TakenAsAWhole,
    TooManyClaims,
)
from services.partners.queries.calls import CallOut
from shared.http import problems, reply
from shared.problems import NotFound, WrongState


@router.post(
    CLAIMS,
    tags=["claims"],
    response_model=CallOut,
    responses=problems(
        NotFound,
        NotAPartner,
        NotOffered,
        CallOver,
        NoSuchLine,
        LineTaken,
        PledgeTooLarge,
        ExclusivelyTaken,
        TakenAsAWhole,
        TooManyClaims,
        WrongState,
    ),
)
async def post_claim(order_id: UUID, body: ClaimCall, asked: Members, use: Uses) -> Response:
    """Claim lines of a call. Repeating the request is safe; a refusal says what is still missing."""
    return reply(await claim_call(order_id, body, use.calls, use.registry, use.terms, asked), asked)


@router.post(CLAIM + "/release", tags=["claims"], response_model=CallOut, responses=problems(*HELD))
async def post_release(
    order_id: UUID, claim_id: UUID, body: ReleaseClaim, asked: Members, use: Uses
) -> Response:
    """Give your lines back, with a reason. What you had taken is missing again at once."""
    return reply(await release_claim(order_id, claim_id, body, use.calls, use.terms, asked), asked)
