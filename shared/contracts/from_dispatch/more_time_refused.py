"""dispatch → intake: the level above does not give more time."""

from shared.contracts.message import Message, PublicText


class MoreTimeRefusedV1(Message, heard_by=("intake",)):
    """The clocks run on as they did."""

    kind: str  # pause, deferral, extension
    note: PublicText = ""
