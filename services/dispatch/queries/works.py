"""How work is shown: the call to partners, and what is looked at in an acceptance check."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from services.dispatch.domain.deliberation.record import Money
from services.dispatch.domain.works.record import Call, CalledLine, Checklists, ListedItem, TakenLine
from shared.contracts.called import Called, apart
from shared.contracts.message import copied


class CalledLineOut(CalledLine):
    claimed: int


class ClaimOut(BaseModel):
    """What one partner has taken of the call."""

    id: UUID
    partner: UUID
    name: Called
    epoch: int
    lines: list[TakenLine]


class CallOut(BaseModel):
    """The present call to partners, or the last one (`ended` says how). `gap` in fen."""

    round: int
    lines: list[CalledLineOut]
    exclusive: bool
    offered_to: list[str]
    until: datetime
    claims: list[ClaimOut]
    ended: str | None
    gap: int

    @classmethod
    def of(cls, call: Call, money: Money) -> Self:
        lines = [CalledLineOut(**line.model_dump(), claimed=call.claimed(line.name)) for line in call.lines]
        claims = [copied(ClaimOut, one, name=apart(one.name)) for one in call.claims]
        return copied(cls, call, lines=lines, claims=claims, gap=money.gap)


class ChecklistOut(BaseModel):
    category: str
    items: list[ListedItem]


class ChecklistsOut(BaseModel):
    """A category that is not named needs no list."""

    items: list[ChecklistOut]

    @classmethod
    def of(cls, lists: Checklists) -> ChecklistsOut:
        return cls(items=[ChecklistOut(category=name, items=list(items)) for name, items in lists.items()])
