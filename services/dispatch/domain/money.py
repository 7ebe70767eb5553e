"""Whole fen. `cost = shares + subsidies + pledged + gap` at every moment, because the gap is never kept."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from shared.contracts.message import Fen


class Money(BaseModel):
    """What the matter costs and who bears it, in fen. Raises ValueError for money that does not add up."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    cost: Fen = 0  # 0: not known
    shares: Fen = 0  # of the households, agreed
    subsidies: Fen = 0
    pledged: Fen = 0  # by partners
    from_call: bool = False  # the cost is only known from the funds that were called for

    @property
    def gap(self) -> int:
        """What is still missing; never negative."""
        return self.cost - self.shares - self.subsidies - self.pledged

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.gap < 0:
            raise ValueError("more money than the matter costs")
        return self

    def with_pledges(self, fen: int) -> Money:
        """The same money with this much pledged; what passes the need is not needed."""
        missing = self.cost - self.shares - self.subsidies
        return Money(**{**self.model_dump(), "pledged": max(0, min(fen, missing))})

    def after_call(self) -> Money:
        """When a call has ended without work: nothing is pledged, and a cost known only from it is unknown again."""
        return Money() if self.from_call else self.with_pledges(0)
