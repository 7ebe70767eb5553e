"""Why an offer cannot be declined. The first line of each docstring is what people read."""

from __future__ import annotations

from shared.problems import RuleBroken


class OpenToAll(RuleBroken):
    """This call is open to all: there is no offer of your own to decline."""


class DeclinedAlready(RuleBroken):
    """You have declined this, with another reason."""


class HasAPart(RuleBroken):
    """You have a part of this call in hand: give it back instead."""
