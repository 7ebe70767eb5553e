"""Departments and people that are no more. What they did stays under their id, so nobody else ever gets it."""

from __future__ import annotations

from datetime import datetime

from shared.entry import Kept
from shared.problems import RuleBroken


class IdUsedBefore(RuleBroken):
    """This id was somebody else's: what they did stands under it. Take another one."""


class Left(Kept):
    """A person who does not belong to the staff any more; kept under their id. Nothing else is known of them."""

    at: datetime
    by: str
