"""The money of an order: its public page, and the record of what became of the pledges."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from services.partners.api.router import AT, Members, Uses, answered, answered_partner, on_claim, router
from services.partners.domain.claims.refusals import DisplacedHolder
from services.partners.domain.money import pledges
from services.partners.domain.money.refusals import (
    DayIsAhead,
    DayIsBefore,
    NotPledged,
    OwnPledge,
    PledgeIsOver,
    ReceiptPassesPledge,
    RecordIsFull,
    ReferenceIsKnown,
    ReturnPassesReceipt,
)
from services.partners.domain.registry.refusals import NotAPartner
from services.partners.queries.money import FundingPage, funding_of
from shared.caller import Role
from shared.http import Asked, Depends, asked_by, problems
from shared.problems import NotFound, WrongState

Anybody = Annotated[Asked, Depends(asked_by(anonymous=True))]
Receivers = Annotated[Asked, Depends(asked_by(Role.COMMUNITY, Role.STREET, Role.DISTRICT))]
_PAPER = (NotFound, OwnPledge, NotPledged, ReferenceIsKnown, DayIsAhead, DayIsBefore, RecordIsFull)


@router.get(AT + "/funding", tags=["calls"], responses=problems(NotFound))
async def get_funding(order_id: UUID, asked: Anybody, use: Uses) -> FundingPage:  # noqa: ARG001 - for everybody
    """The public funding of an order, in fen: cost = shares + subsidies + pledges + gap, and what became of each
    pledge."""
    return await funding_of(use.calls, order_id)


@on_claim("/confirmation", NotFound, NotAPartner, DisplacedHolder, NotPledged, WrongState)
async def post_confirmation(
    order_id: UUID, claim_id: UUID, body: pledges.ConfirmPledge, asked: Members, use: Uses
) -> Response:
    """Say that the money you pledged stands ready."""
    return await answered_partner(
        use,
        order_id,
        asked,
        lambda call, me: pledges.confirm(call, claim_id, body, partner_id=me, at=asked.now, by=asked.caller),
    )


@on_claim("/receipts", *_PAPER, PledgeIsOver, ReceiptPassesPledge)
async def post_receipt(
    order_id: UUID, claim_id: UUID, body: pledges.RecordReceipt, asked: Receivers, use: Uses
) -> Response:
    """Write down what has come in of a pledge. No money moves here, and nothing written is ever changed."""
    return await answered(
        use,
        order_id,
        asked,
        lambda call: pledges.receive(call, claim_id, body, by=asked.caller, at=asked.now, terms=use.terms),
    )


@on_claim("/returns", *_PAPER, ReturnPassesReceipt)
async def post_return(
    order_id: UUID, claim_id: UUID, body: pledges.RecordReturn, asked: Receivers, use: Uses
) -> Response:
    """Write down what went back of it, or was written down by mistake."""
    return await answered(
        use,
        order_id,
        asked,
        lambda call: pledges.give_back(call, claim_id, body, by=asked.caller, at=asked.now, terms=use.terms),
    )
