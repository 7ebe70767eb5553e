"""How deliberation is shown: the money, the rounds, and what the households said."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from services.dispatch.domain.deliberation.record import Consent, Household, Money, Notice, Round, Subsidy
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.record import Document
from services.dispatch.queries.told import of_households
from shared.caller import Caller
from shared.contracts.message import copied


class MoneyOut(BaseModel):
    """Fen; `cost = shares + subsidies + pledged + gap`, exactly: what is promised. A cost of 0 is not known yet.

    `collected`: what the households have paid of their shares.
    """

    cost: int
    shares: int
    subsidies: int
    pledged: int
    gap: int
    collected: int

    @classmethod
    def of(cls, money: Money, collected: int) -> Self:
        return cls(**money.model_dump(), gap=money.gap, collected=collected)


class HouseholdOut(BaseModel):
    """`share`, `relief` and `paid` (of what binds) in fen; `pays` per cent.

    `weight`: hundredths of a square metre, or units of use.
    """

    id: str
    share: int
    relief: int
    weight: int
    pays: int
    consent: Consent
    said_at: datetime | None
    recorded_by: str | None
    changed: int
    paid: int

    @classmethod
    def of(cls, household: Household, paid: int) -> Self:
        return cls(**household.model_dump(), paid=paid)


class ObjectionOut(BaseModel):
    """`upheld` is None as long as nobody has answered. The household and its words are for the staff of the area."""

    household: str | None
    reason: str | None
    at: datetime
    answer_by: datetime
    upheld: bool | None
    answer: str


class NoticeOut(BaseModel):
    """`stands` is None as long as the notice lasts."""

    opened_at: datetime
    until: datetime
    closed_at: datetime | None
    stands: bool | None
    objections: list[ObjectionOut]

    @classmethod
    def of(cls, notice: Notice, caller: Caller) -> Self:
        hidden = of_households(caller, ObjectionOut)
        if hidden:  # the words of an objection are the household's; of an answer they are told
            hidden = {**hidden, "reason": None}
        objections = [ObjectionOut(**{**one.model_dump(), **hidden}) for one in notice.objections]
        return cls(**{**notice.model_dump(), "objections": objections})


class RoundOut(BaseModel):
    """One round of deliberation, money in fen. `households`, `minutes` and `documents`: for the staff of the area only.

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
    binds: bool
    minutes: str
    shares: int
    subsidies: int
    grants: list[Subsidy]
    notice: NoticeOut | None
    households: list[HouseholdOut] | None

    @classmethod
    def of(cls, round: Round, caller: Caller, dispatch: Dispatch) -> Self:
        binding = round == dispatch.bound_round
        people = [HouseholdOut.of(one, dispatch.paid(one.id) if binding else 0) for one in round.households]
        made = {
            "taking_part": len(people),
            "consenting": round.count(Consent.YES),
            "refusing": round.count(Consent.NO),
            "notice": NoticeOut.of(round.notice, caller) if round.notice else None,
            "households": people,
        }
        return copied(cls, round, **{**made, **of_households(caller, cls)})
