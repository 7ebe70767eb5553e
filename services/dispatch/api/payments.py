"""HTTP in: what households have paid of their shares."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from services.dispatch.api.router import ALWAYS, AT, Staff, Uses, router
from services.dispatch.commands.record_payment import record_payment
from services.dispatch.commands.return_payment import return_payment
from services.dispatch.domain.consent import UnknownHousehold
from services.dispatch.domain.dispatch import OnNotice, RoundIsOpen
from services.dispatch.domain.payment import (
    NoSharesBind,
    PaymentPassesShare,
    ReceiptIsKnown,
    RecordPayment,
    ReturnPassesPayment,
    TooManyPayments,
)
from services.dispatch.queries.views import DispatchOut
from shared.http import problems, reply

DISCUSSED = (RoundIsOpen, OnNotice)
RECEIPT = (ReceiptIsKnown, TooManyPayments)


@router.post(
    f"{AT}/payments",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS, *DISCUSSED, NoSharesBind, UnknownHousehold, PaymentPassesShare, *RECEIPT),
)
async def post_payment(order_id: UUID, body: RecordPayment, asked: Staff, use: Uses) -> Response:
    """Write down that a household has paid. No money moves here, and nothing written is ever changed."""
    return reply(await record_payment(order_id, body, use.dispatches, use.limits, asked), asked)


@router.post(
    f"{AT}/payments/returns",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS, ReturnPassesPayment, *RECEIPT),
)
async def post_payment_return(order_id: UUID, body: RecordPayment, asked: Staff, use: Uses) -> Response:
    """Write down that a household has got back what it paid, or a part of it."""
    return reply(await return_payment(order_id, body, use.dispatches, use.limits, asked), asked)
