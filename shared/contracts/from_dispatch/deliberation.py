"""dispatch says: rounds, notices and objections."""

from datetime import datetime

from shared.contracts.message import Fen, Message, PublicText


# The households discuss a proposal.
class RoundOpenedV1(Message, heard_by=("intake",)):
    """A round of deliberation began."""

    number: int
    proposal: PublicText
    cost: Fen
    allocation: str  # equal, custom
    households: int


# What the households agreed to.
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


# What was agreed is on public notice.
class NoticeOpenedV1(Message, heard_by=("intake",)):
    """Until then households may object to the result of this round; nobody is bound before."""

    number: int  # of the round
    until: datetime  # objections are taken
    shares: Fen  # sum of the shares of the households that consented
    subsidies: Fen
    gap: Fen


# The public notice is over.
class NoticeClosedV1(Message, heard_by=("intake",)):
    """It stands: the shares bind from now on. Otherwise it is void. cost = shares + subsidies + gap, exactly."""

    number: int  # of the round
    stands: bool  # the shares bind; otherwise the result is void
    objections: int  # how many there were
    cost: Fen
    shares: Fen  # sum of the shares of the households that consented
    subsidies: Fen
    gap: Fen


# A household objects to what is on public notice.
class ObjectionRaisedV1(Message, heard_by=("intake",)):
    """Objections are counted here; who objects, and in which words, stays with the dispatch."""

    number: int  # of the round
    objections: int  # raised so far


# What became of an objection.
class ObjectionAnsweredV1(Message, heard_by=("intake",)):
    """Upheld: the result is void. Otherwise the reason says why it stands."""

    number: int  # of the round
    upheld: bool  # the household is right: the result is void
    reason: PublicText


# Nobody is responsible, or nobody can.
class DeadlockDeclaredV1(Message, heard_by=("intake",)):
    """A deadlock is a state with exits: deliberation, partners, supervision."""

    reason: PublicText
