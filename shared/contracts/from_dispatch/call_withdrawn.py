"""dispatch → partners, intake: the need is no longer open."""

from shared.contracts.message import Message, PublicText


class CallWithdrawnV1(Message, heard_by=("partners", "intake")):
    """Whoever took a part of it is free again."""

    round: int
    reason: PublicText = ""
