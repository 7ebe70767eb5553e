"""dispatch → intake: what became of an objection."""

from shared.contracts.message import Message, PublicText


class ObjectionAnsweredV1(Message, heard_by=("intake",)):
    """Upheld: the result is void. Otherwise the reason says why it stands."""

    number: int  # of the round
    upheld: bool  # the household is right: the result is void
    reason: PublicText
