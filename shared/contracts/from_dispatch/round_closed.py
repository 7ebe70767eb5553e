"""dispatch → intake: what the households agreed to."""

from shared.contracts.message import Fen, Message


class RoundClosedV1(Message, heard_by=("intake",)):
    """cost = shares + subsidies + gap, exactly. Households are counted here, never named."""

    number: int
    agreed: bool
    cost: Fen
    shares: Fen  # sum of the shares of the households that consented
    subsidies: Fen
    gap: Fen
    consenting: int
    households: int
