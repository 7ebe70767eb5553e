"""The public funding of an order."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel

from services.partners.domain.call import Call
from services.partners.domain.states import CallState
from services.partners.store import Calls
from shared.entry import Entry
from shared.problems import NotFound


class FundingOut(BaseModel):
    """The public funding, in whole fen. Always `cost = shares + subsidies + pledges + gap`; null: no cost is known."""

    order_id: UUID
    round: int
    state: CallState
    cost: int | None
    shares: int
    subsidies: int
    pledges: int
    gap: int

    @classmethod
    def of_call(cls, entry: Entry[Call]) -> FundingOut:
        call = entry.state
        return FundingOut(
            order_id=entry.id,
            round=call.round,
            state=call.state,
            cost=call.known_cost,
            shares=call.shares,
            subsidies=call.subsidies,
            pledges=call.pledges,
            gap=call.shown_gap,
        )


async def funding_of(calls: Calls, order_id: UUID) -> FundingOut:
    """What the public may know of the money of one order. Raises NotFound when partners were never called."""
    entry = await calls.peek(order_id)
    if entry.state.state is CallState.BLANK:
        raise NotFound
    return FundingOut.of_call(entry)
