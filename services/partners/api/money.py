"""The money of an order: its public page, and the record of what became of the pledges."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from services.partners.api.router import AT, CLAIM, Members, Uses, router
from services.partners.domain.claims.refusals import DisplacedHolder
from services.partners.domain.money.pledges import (
    ConfirmPledge,
    RecordReceipt,
    RecordReturn,
    confirm,
    give_back,
    receive,
)
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
from services.partners.domain.registry.partner import partner_of
from services.partners.domain.registry.refusals import NotAPartner
from services.partners.queries.calls import CallOut
from services.partners.queries.money import FundingPage, funding_of
from shared.caller import Role
from shared.http import Asked, Depends, asked_by, problems, reply
from shared.problems import NotFound, WrongState
from shared.store import decide

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
    me = partner_of(asked.caller)  # first: whoever is no partner learns nothing of any call
    entry = await decide(
        use.calls,
        order_id,
        asked,
        lambda call: confirm(call, claim_id, body, partner_id=me, at=asked.now, by=asked.caller),
    )
    return reply(entry, asked)


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
    entry = await decide(
        use.calls,
        order_id,
        asked,
        lambda call: receive(call, claim_id, body, by=asked.caller, at=asked.now, terms=use.terms),
    )
    return reply(entry, asked)


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
    entry = await decide(
        use.calls,
        order_id,
        asked,
        lambda call: give_back(call, claim_id, body, by=asked.caller, at=asked.now, terms=use.terms),
    )
    return reply(entry, asked)
