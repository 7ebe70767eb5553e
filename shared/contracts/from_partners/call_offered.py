"""partners → intake: a call is offered to those who fit it best, or to all after them."""

from datetime import datetime

from shared.contracts.message import Message


class CallOfferedV1(Message, heard_by=("intake",)):
    """Told at each step: to the best first, then to more and farther away, at last to all."""

    round: int
    step: int  # 1 for the first
    offered: int  # how many partners it is offered to now; 0: to all
    to_all: bool  # open to every partner
    until: datetime | None = None  # then it is offered to more; null: it is open to all
