"""partners → intake: the need stands on the board."""

from shared.contracts.message import Fen, Message


class CallPublishedV1(Message, heard_by=("intake",)):
    """Partners can see it and take it now."""

    round: int
    lines: int
    gap: Fen  # fen missing on the lines of funds
    exclusive: bool
    offered: int  # to how many partners; 0: to all
