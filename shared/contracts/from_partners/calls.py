"""partners says: what is called for, and what became of it."""

from datetime import datetime
from uuid import UUID

from shared.contracts.message import Fen, Message, PublicText


# The need stands on the board.
class CallPublishedV1(Message, heard_by=("intake",)):
    """Partners can see it and take it now."""

    round: int
    lines: int
    gap: Fen  # fen missing on the lines of funds
    exclusive: bool
    offered: int  # to how many partners; 0: to all


# The need is shown as dispatch changed it.
class ChangePublishedV1(Message, heard_by=("dispatch", "intake")):
    """A call that was fully taken is open again when more is needed now."""

    round: int
    change: int  # the number that dispatch gave it
    gap: Fen
    reopened: bool  # it had been covered and is open again


# A call is offered to those who fit it best, or to all after them.
class CallOfferedV1(Message, heard_by=("intake",)):
    """Told at each step: to the best first, then to more and farther away, at last to all."""

    round: int
    step: int  # 1 for the first
    offered: int  # how many partners it is offered to now; 0: to all
    to_all: bool  # open to every partner
    until: datetime | None = None  # then it is offered to more; null: it is open to all


# A partner does not want what it was offered.
class OfferDeclinedV1(Message, heard_by=("intake",)):
    """It need not be waited for. When all have declined, the call is offered to more at once."""

    round: int
    partner_id: UUID
    reason: PublicText


# Nothing of the need is missing any more.
class CallCoveredV1(Message, heard_by=("dispatch", "intake")):
    """Every line is taken."""

    round: int
    partners: tuple[UUID, ...]
    pledged: Fen  # fen on the lines of funds


# One of the partners of a call speaks for all of them.
class LeadChosenV1(Message, heard_by=("intake",)):
    """Who came first leads until another is chosen. If it leaves, the next one leads, and nothing is told."""

    round: int
    partner_id: UUID
    partner_name: str


# The call ended before everything was taken.
class CallExpiredV1(Message, heard_by=("dispatch", "intake")):
    """The need is back with the unit that called; partial claims are released."""

    round: int
    gap: Fen
