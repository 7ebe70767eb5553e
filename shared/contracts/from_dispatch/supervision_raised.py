"""dispatch → intake: the district watches over this one now."""

from shared.contracts.message import Message


class SupervisionRaisedV1(Message, heard_by=("intake",)):
    """Raised once per cause: silence at the top, three refusals, three reworks."""

    cause: str  # silence, refusals, reworks, deadlock
