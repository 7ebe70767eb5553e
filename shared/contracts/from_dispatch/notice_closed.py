"""dispatch → intake: the public notice is over."""

from shared.contracts.message import Fen, Message


class NoticeClosedV1(Message, heard_by=("intake",)):
    """It stands: the shares bind from now on. Otherwise it is void. cost = shares + subsidies + gap, exactly."""

    number: int  # of the round
    stands: bool  # the shares bind; otherwise the result is void
    objections: int  # how many there were
    cost: Fen
    shares: Fen  # sum of the shares of the households that consented
    subsidies: Fen
    gap: Fen
