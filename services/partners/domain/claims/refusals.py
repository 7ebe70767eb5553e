"""Why nothing can be taken, or is in other hands. The first line of each docstring is what people read."""

from __future__ import annotations

from shared.problems import NotAllowed, RuleBroken, WrongState


class NotOffered(NotAllowed):
    """This call was offered to chosen partners only."""


class CallOver(WrongState):
    """The call has ended; nothing of it can be taken any more."""


class NoSuchLine(RuleBroken):
    """The call has no line of this name."""


class LineTaken(RuleBroken):
    """This part of the need is taken already."""


class PledgeTooLarge(RuleBroken):
    """The pledge is more than what is still missing."""


class ExclusivelyTaken(RuleBroken):
    """Another partner took this call as a whole."""


class TakenAsAWhole(RuleBroken):
    """This call is taken as a whole: claim everything that is missing."""


class TooManyClaims(RuleBroken):
    """This call has as many claims as it may have, or your partner as many of them as it may hold."""


class DisplacedHolder(RuleBroken):
    """This claim is no longer in your hands."""


class AlreadyDelivered(WrongState):
    """This work was delivered; it cannot be given back any more."""


class HoldsTooMany(RuleBroken):
    """Your partner holds as many claims as it may; finish one first."""


class TooFewFinished(RuleBroken):
    """Your partner gave back or lost too many of its claims to take another."""


class NotDeclared(RuleBroken):
    """Your partner has declared nothing of the kind that this line asks for."""


class ReserveTooSmall(RuleBroken):
    """Your partner cannot promise more than it has free."""


class CoolingDown(RuleBroken):
    """Your partner gave back or lost a claim of this call, and has to wait before it claims again."""


class OwnMatter(NotAllowed):
    """This call is your own matter, or that of your household or unit."""


class OwnClaim(RuleBroken):
    """Your partner holds this claim itself."""


class NotStale(RuleBroken):
    """Only a claim of which nothing was heard in time may be asked for.

    One that was delivered once, only by who has a part of the call.
    """


class TakeoverWaits(RuleBroken):
    """Another partner has asked for this claim already."""


class NoTakeover(WrongState):
    """No request to take this claim over waits."""


class NotYourCall(NotAllowed):
    """This is for the community or a level above it, or for the partner that leads."""


class NotALead(RuleBroken):
    """Only a partner that has a part of the call can lead it."""
