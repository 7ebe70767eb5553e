"""HTTP in: rounds of deliberation, the public notice of what was agreed, and what households have paid."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Path
from starlette.responses import Response

from services.dispatch.api.router import Staff, Uses, answered, by_rule, on_dispatch
from services.dispatch.domain.deliberation import consent, notice, payment, rounds
from services.dispatch.domain.dispatch import OnNotice, RoundIsOpen

Number = Annotated[int, Path(ge=1, le=1000)]
_DISCUSSED = (RoundIsOpen, OnNotice)
_RECEIPT = (payment.ReceiptIsKnown, payment.TooManyPayments)


@on_dispatch(
    "/rounds",
    RoundIsOpen,
    OnNotice,
    rounds.SharesPassCost,
    rounds.TooManyRounds,
    rounds.SharesArePaid,
    rounds.RoundEndOutOfRange,
)
async def post_round(order_id: UUID, body: rounds.OpenRound, asked: Staff, use: Uses) -> Response:
    """Put a proposal to the households, with its cost and how it is shared."""
    return await by_rule(use, order_id, asked, rounds.propose, body)


@on_dispatch("/rounds/{number}/consents", consent.RoundIsClosed, consent.UnknownHousehold)
async def post_consents(
    order_id: UUID, number: Number, body: consent.RecordConsents, asked: Staff, use: Uses
) -> Response:
    """Write down what some households say. They may change their mind until the round is closed."""
    return await answered(
        use, order_id, asked, lambda it: consent.record(it, number, body, by=asked.caller, at=asked.now)
    )


@on_dispatch(
    "/rounds/{number}/result", consent.RoundIsClosed, consent.UnknownHousehold, consent.SubsidiesPassCost
)
async def post_round_result(
    order_id: UUID, number: Number, body: consent.CloseRound, asked: Staff, use: Uses
) -> Response:
    """Close it with what was said. The shares of those who consent, and the subsidies, leave the gap.

    What is agreed is on public notice first, and binds when nobody objected with success."""
    return await answered(
        use,
        order_id,
        asked,
        lambda it: consent.settle(it, number, body, by=asked.caller, at=asked.now, limits=use.limits),
    )


@on_dispatch(
    "/rounds/{number}/objections", notice.NotOnNotice, consent.UnknownHousehold, notice.AlreadyObjected
)
async def post_objection(
    order_id: UUID, number: Number, body: notice.RaiseObjection, asked: Staff, use: Uses
) -> Response:
    """A household objects to what is on public notice."""
    return await answered(
        use,
        order_id,
        asked,
        lambda it: notice.object_to(it, number, body, by=asked.caller, at=asked.now, limits=use.limits),
    )


@on_dispatch("/rounds/{number}/objections/answer", notice.NotOnNotice, notice.AlreadyObjected)
async def post_objection_answer(
    order_id: UUID, number: Number, body: notice.AnswerObjection, asked: Staff, use: Uses
) -> Response:
    """Answer an objection. Upheld: the result is void. One that nobody answers in time counts as upheld."""
    return await answered(
        use,
        order_id,
        asked,
        lambda it: notice.answer_objector(it, number, body, by=asked.caller, at=asked.now, limits=use.limits),
    )


@on_dispatch(
    "/payments",
    *_DISCUSSED,
    payment.NoSharesBind,
    consent.UnknownHousehold,
    payment.PaymentPassesShare,
    *_RECEIPT,
)
async def post_payment(order_id: UUID, body: payment.RecordPayment, asked: Staff, use: Uses) -> Response:
    """Write down that a household has paid. No money moves here, and nothing written is ever changed."""
    return await by_rule(use, order_id, asked, payment.pay, body)


@on_dispatch("/payments/returns", payment.ReturnPassesPayment, *_RECEIPT)
async def post_payment_return(
    order_id: UUID, body: payment.RecordPayment, asked: Staff, use: Uses
) -> Response:
    """Write down that a household has got back what it paid, or a part of it."""
    return await by_rule(use, order_id, asked, payment.pay_back, body)
