"""The public funding of an order."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from pydantic import BaseModel

from services.partners.domain.call import Call
from services.partners.domain.money.pledges import Figures
from services.partners.domain.states import CallState, ClaimState
from services.partners.store import Calls
from shared.contracts.called import Called, apart
from shared.contracts.message import copied
from shared.entry import Entry
from shared.problems import NotFound


class FundingOut(BaseModel):
    """The public funding, in whole fen. Always `cost = shares + subsidies + pledges + gap`; null: no cost is known.

    Of the pledges as they stand `confirmed` are ready. `paid` and `returned` are all that ever came in and went back;
    `owed` was paid by whoever no longer holds its part, and is to be returned.
    `state`: whether partners can take something still; what comes after `covered` is shown as `covered`.
    """

    order_id: UUID
    round: int
    state: CallState
    cost: int | None
    shares: int
    subsidies: int
    pledges: int
    gap: int
    confirmed: int = 0
    paid: int = 0
    returned: int = 0
    owed: int = 0

    @classmethod
    def of_call(cls, entry: Entry[Call], *, plain: bool = True) -> FundingOut:
        call = entry.state
        state = call.plain_state if plain else call.state
        all = Figures.together(Figures.of(call, claim) for claim in call.claims)
        return copied(
            FundingOut,
            call,
            order_id=entry.id,
            state=state,
            cost=call.known_cost,
            gap=call.shown_gap,
            **asdict(all),
        )


class PledgeOut(BaseModel):
    """The money of one claim, in fen. A claim that was fulfilled is `active`: it holds what it promised."""

    claim_id: UUID
    partner_id: UUID
    partner_name: Called
    state: ClaimState
    promised: int
    confirmed: int
    paid: int
    returned: int
    owed: int


class FundingPage(FundingOut):
    """The public funding with every pledge: those that stand, and those of which something was paid."""

    pledged_by: list[PledgeOut]

    @classmethod
    def of_call(cls, entry: Entry[Call], *, plain: bool = True) -> FundingPage:
        by_claim = [(claim, Figures.of(entry.state, claim)) for claim in entry.state.claims]
        pledged_by = [
            copied(
                PledgeOut,
                claim,
                state=claim.plain_state,
                partner_name=apart(claim.partner_name),
                **asdict(one),
            )
            for claim, one in by_claim
            if one.promised or one.paid
        ]
        return FundingPage(**FundingOut.of_call(entry, plain=plain).model_dump(), pledged_by=pledged_by)


async def funding_of(calls: Calls, order_id: UUID) -> FundingPage:
    """What the public may know of the money of one order. Raises NotFound when partners were never called."""
    entry = await calls.peek(order_id)
    if entry.state.state is CallState.BLANK:
        raise NotFound
    return FundingPage.of_call(entry)
