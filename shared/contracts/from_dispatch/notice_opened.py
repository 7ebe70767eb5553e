"""dispatch → intake: what was agreed is on public notice."""

from datetime import datetime

from shared.contracts.message import Fen, Message


class NoticeOpenedV1(Message, heard_by=("intake",)):
    """Until then households may object to the result of this round; nobody is bound before."""

    number: int  # of the round
    until: datetime  # objections are taken
    shares: Fen  # sum of the shares of the households that consented
    subsidies: Fen
    gap: Fen
