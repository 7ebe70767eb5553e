"""Why the rules of the work say no. The first line of each docstring is what people read."""

from __future__ import annotations

from shared.problems import RuleBroken, WrongState


class NotCovered(WrongState):
    """Work begins when every line of the call is taken."""


class PlanOutOfTime(RuleBroken):
    """The dates of the plan are past already, or too far away."""


class TooManyReports(RuleBroken):
    """This claim has as many reports as it may have."""


class BlockedAlready(RuleBroken):
    """This work is blocked already, for another reason or until another time."""


class BlockTooLong(RuleBroken):
    """Work may not be blocked for so long; the end must be in the future."""


class NotBlocked(WrongState):
    """Nothing keeps this work."""
