"""How work is shown: the call to partners, and what is looked at in an acceptance check."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from services.dispatch.domain.deliberation.record import Money
from services.dispatch.domain.works.record import Call, CalledLine, Checklists, Claim, ListedItem
from shared.contracts.message import copied


class CalledLineOut(CalledLine):
    claimed: int


class CallOut(BaseModel):
    """The present call to partners, or the last one (`ended` says how). `gap` in fen."""

    round: int
    lines: list[CalledLineOut]
    exclusive: bool
    offered_to: list[str]
    until: datetime
    claims: list[Claim]
    ended: str | None
    gap: int

    @classmethod
    def of(cls, call: Call, money: Money) -> Self:
        lines = [CalledLineOut(**line.model_dump(), claimed=call.claimed(line.name)) for line in call.lines]
        return copied(cls, call, lines=lines, gap=money.gap)


class ChecklistOut(BaseModel):
    category: str
    items: list[ListedItem]


class ChecklistsOut(BaseModel):
    """A category that is not named needs no list."""

    items: list[ChecklistOut]

    @classmethod
    def of(cls, lists: Checklists) -> ChecklistsOut:
        return cls(items=[ChecklistOut(category=name, items=list(items)) for name, items in lists.items()])
