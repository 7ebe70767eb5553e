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


class RoundClosedV2(Message, heard_by=("intake",)):
    """As V1, and whether it binds at once; what was agreed and does not is on public notice first."""

    number: int
    agreed: bool
    binds: bool  # at once; otherwise notice_closed says whether it does
    cost: Fen
    shares: Fen  # sum of the shares of the households that consented
    subsidies: Fen
    gap: Fen
    consenting: int
    households: int
