"""dispatch → intake: the households discuss a proposal."""

from shared.contracts.message import Fen, Message, PublicText


class RoundOpenedV1(Message, heard_by=("intake",)):
    """A round of deliberation began."""

    number: int
    proposal: PublicText
    cost: Fen
    allocation: str  # equal, custom
    households: int
