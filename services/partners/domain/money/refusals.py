"""Why the rules of the money say no. The first line of each docstring is what people read."""

from __future__ import annotations

from shared.problems import NotAllowed, RuleBroken, WrongState


class NotPledged(RuleBroken):
    """This was not pledged by this claim."""


class OwnPledge(NotAllowed):
    """Nobody writes down what came in, or went back, of a pledge for which they acted."""


class PledgeIsOver(WrongState):
    """The claim has ended; nothing more can be received of what it had pledged."""


class ReceiptPassesPledge(RuleBroken):
    """More would be received than was pledged."""


class ReturnPassesReceipt(RuleBroken):
    """More would be returned than was received."""


class ReferenceIsKnown(RuleBroken):
    """This reference stands for something else on this order."""


class DayIsAhead(RuleBroken):
    """What has not happened yet cannot be written down."""


class DayIsBefore(RuleBroken):
    """This day lies before the pledge."""


class RecordIsFull(RuleBroken):
    """The record of this order has as many lines as it may have."""
