"""Why the registry says no. The first line of each docstring is what people read."""

from __future__ import annotations

from shared.problems import NotAllowed, RuleBroken, WrongState


class NotAPartner(NotAllowed):
    """You do not act for a partner of the registry."""


class NotVerified(NotAllowed):
    """This partner is not verified by the staff of its area."""


class Suspended(NotAllowed):
    """This partner is suspended; it can finish what it holds, and take nothing more."""


class OwnPartner(NotAllowed):
    """Nobody decides about a partner of their own."""


class NotAMember(NotAllowed):
    """You are not a member of this partner."""


class NotAnOwner(NotAllowed):
    """Only an owner of the partner may do this."""


class AlreadyApplied(RuleBroken):
    """An application of yours is waiting already."""


class OutsideDistrict(RuleBroken):
    """This area does not lie in the district."""


class SuspensionOver(RuleBroken):
    """The end of a suspension lies in the future."""


class InvitationOver(RuleBroken):
    """The end of an invitation lies in the future."""


class HoldsClaims(RuleBroken):
    """The partner still has something in hand; it has to finish it or give it back first."""


class LastOwner(RuleBroken):
    """A partner keeps at least one owner."""


class NotInvited(RuleBroken):
    """There is no invitation for you, or it has ended."""


class TooManyMembers(RuleBroken):
    """The partner has as many members and invitations as it may have."""


class TooManyResources(RuleBroken):
    """The partner has as many resources as it may have."""


class AreaNotServed(RuleBroken):
    """The partner does not serve this area."""


class AllianceFull(RuleBroken):
    """The alliance has as many partners as it may have."""


class AllianceInUse(WrongState):
    """Partners still belong to this alliance."""


class NotAsking(RuleBroken):
    """This partner does not ask to belong to the alliance."""
