"""What is kept of an import of the territory: how far it is, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import Field

from services.dispatch.domain.ground.leaving import Left
from shared.caller import Caller, Role
from shared.entry import Kept
from shared.problems import NotFound, RuleBroken, every_problem


class ImportRunning(RuleBroken):
    """Another import is not done yet; wait for its end."""


class ImportLost(RuleBroken):
    """The process that checked it is no more. Nothing was taken over; bring it again."""


class Problem(Kept):
    """Why nothing was taken over: the refusal by its slug, and what it says."""

    kind: str
    detail: str = ""
    now: dict[str, Any] = Field(default_factory=dict)

    @classmethod
    def of(cls, broken: RuleBroken) -> Self:
        return cls(kind=broken.slug(), detail=broken.detail, now=dict(broken.now))

    def refusal(self) -> RuleBroken:
        return every_problem()[self.kind](self.detail, **self.now)


class Import(Kept):
    """`looked` at and `moved`: orders in areas that are gone. `left`: who still names such an area.

    `version`: the one that it makes.
    """

    state: Literal["checking", "moving", "done", "refused", "failed"] = "checking"
    by: tuple[str, str]
    begun_at: datetime
    ended_at: datetime | None = None
    version: int
    changed: bool = False
    looked: int = 0
    moved: int = 0
    left: Left = Left()
    problem: Problem | None = None

    def must_be_seen_by(self, by: Caller, district: str) -> None:
        """The district, and who brought it. Raises NotFound: what is not yours looks like what is not there."""
        if tuple(by.by) != self.by and not (by.role is Role.DISTRICT and by.covers(district)):
            raise NotFound
