"""dispatch → intake: the unit that has it needs more time, and asks the next level."""

from datetime import datetime

from shared.contracts.message import Message, PublicText


class MoreTimeAskedV1(Message, heard_by=("intake",)):
    """Nothing changes until the level that decides has answered."""

    kind: str  # pause, deferral, extension
    reason: PublicText
    until: datetime  # the end of the pause, or the new latest end of the matter
    decided_by: str  # level: community, street, district
