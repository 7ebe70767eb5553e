"""How deliberation is shown: rounds and what the households said."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from services.dispatch.domain.record import Consent, Document, Household, Round, Subsidy
from shared.caller import Caller, Role


class HouseholdOut(BaseModel):
    """`share` and `relief` in fen; `weight`: hundredths of a square metre, or units of use; `pays` per cent."""

    id: str
    share: int
    relief: int
    weight: int
    pays: int
    consent: Consent
    said_at: datetime | None
    recorded_by: str | None
    changed: int

    @classmethod
    def of(cls, household: Household) -> Self:
        return cls(**household.model_dump())


class RoundOut(BaseModel):
    """One round of deliberation, money in fen. `households` are shown to the staff of the area only.

    It is agreed when `quorum` of those taking part said yes or no, and `threshold` of these said yes.
    """

    number: int
    proposal: str
    cost: int
    allocation: str
    exemptions: str
    documents: list[Document]
    opened_at: datetime
    until: datetime | None
    closed_at: datetime | None
    quorum: str
    threshold: str
    taking_part: int
    consenting: int
    refusing: int
    agreed: bool
    minutes: str
    shares: int
    subsidies: int
    grants: list[Subsidy]
    households: list[HouseholdOut] | None

    @classmethod
    def of(cls, round: Round, caller: Caller) -> Self:
        people = [HouseholdOut.of(one) for one in round.households]
        return cls(
            number=round.number,
            proposal=round.proposal,
            cost=round.cost,
            allocation=round.allocation,
            exemptions=round.exemptions,
            documents=list(round.documents),
            opened_at=round.opened_at,
            until=round.until,
            closed_at=round.closed_at,
            quorum=round.quorum,
            threshold=round.threshold,
            taking_part=len(people),
            consenting=round.count(Consent.YES),
            refusing=round.count(Consent.NO),
            agreed=round.agreed,
            minutes=round.minutes,
            shares=round.shares,
            subsidies=round.subsidies,
            grants=list(round.grants),
            households=None if caller.role is Role.DEPARTMENT else people,
        )
