"""partners → intake: a partner does not want what it was offered."""

from uuid import UUID

from shared.contracts.message import Message, PublicText


class OfferDeclinedV1(Message, heard_by=("intake",)):
    """It need not be waited for. When all have declined, the call is offered to more at once."""

    round: int
    partner_id: UUID
    reason: PublicText
