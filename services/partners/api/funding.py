"""The money of an order: its public page, and the record of what became of the pledges."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from services.partners.api.router import AT, CLAIM, Members, Uses, router
from services.partners.commands.confirm_pledge import confirm_pledge
from services.partners.commands.record_receipt import record_receipt
from services.partners.commands.record_return import record_return
from services.partners.domain.asks import ConfirmPledge, RecordReceipt, RecordReturn
from services.partners.domain.refusals import (
    DayIsAhead,
    DayIsBefore,
    DisplacedHolder,
    NotAPartner,
    NotPledged,
    OwnPledge,
    PledgeIsOver,
    ReceiptPassesPledge,
    RecordIsFull,
    ReferenceIsKnown,
    ReturnPassesReceipt,
)
from services.partners.queries.calls import CallOut
from services.partners.queries.funding import FundingPage, funding_of
from shared.caller import Role
from shared.http import Asked, Depends, asked_by, problems, reply
from shared.problems import NotFound, WrongState

Anybody = Annotated[Asked, Depends(asked_by(anonymous=True))]
Receivers = Annotated[Asked, Depends(asked_by(Role.COMMUNITY, Role.STREET, Role.DISTRICT))]
_PAPER = (NotFound, OwnPledge, NotPledged, ReferenceIsKnown, DayIsAhead, DayIsBefore, RecordIsFull)


@router.get(AT + "/funding", tags=["calls"], responses=problems(NotFound))
async def get_funding(order_id: UUID, asked: Anybody, use: Uses) -> FundingPage:  # noqa: ARG001 - for everybody
    """The public funding of an order, in fen: cost = shares + subsidies + pledges + gap, and what became of each
    pledge."""
    return await funding_of(use.calls, order_id)


@router.post(
    CLAIM + "/confirmation",
    tags=["claims"],
    response_model=CallOut,
    responses=problems(NotFound, NotAPartner, DisplacedHolder, NotPledged, WrongState),
)
async def post_confirmation(
    order_id: UUID, claim_id: UUID, body: ConfirmPledge, asked: Members, use: Uses
) -> Response:
    """Say that the money you pledged stands ready."""
    return reply(await confirm_pledge(order_id, claim_id, body, use.calls, asked), asked)


@router.post(
    CLAIM + "/receipts",
    tags=["claims"],
    response_model=CallOut,
    responses=problems(*_PAPER, PledgeIsOver, ReceiptPassesPledge),
)
async def post_receipt(
    order_id: UUID, claim_id: UUID, body: RecordReceipt, asked: Receivers, use: Uses
) -> Response:
    """Write down what has come in of a pledge. No money moves here, and nothing written is ever changed."""
    return reply(await record_receipt(order_id, claim_id, body, use.calls, use.terms, asked), asked)


@router.post(
    CLAIM + "/returns",
    tags=["claims"],
    response_model=CallOut,
    responses=problems(*_PAPER, ReturnPassesReceipt),
)
async def post_return(
    order_id: UUID, claim_id: UUID, body: RecordReturn, asked: Receivers, use: Uses
) -> Response:
    """Write down what went back of it, or was written down by mistake."""
    return reply(await record_return(order_id, claim_id, body, use.calls, use.terms, asked), asked)
