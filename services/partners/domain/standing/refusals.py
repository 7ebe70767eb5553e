"""Why an appeal is not heard. The first line of each docstring is what people read."""

from __future__ import annotations

from shared.problems import RuleBroken


class NothingToAppeal(RuleBroken):
    """Nothing of this counts against the partner."""


class AppealDecided(RuleBroken):
    """This appeal was made, or decided, in other words already."""


class AppealTooLate(RuleBroken):
    """The time in which an appeal can be made is over."""
