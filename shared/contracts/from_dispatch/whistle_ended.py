"""dispatch → intake: the level that called several units goes on with those who came."""

from shared.contracts.message import Message, PublicText


class WhistleEndedV1(Message, heard_by=("intake",)):
    """Nobody is waited for any more."""

    level: str
    absent: tuple[str, ...]  # units that have not answered
    note: PublicText = ""
