"""partners → intake: something keeps a partner from its work."""

from datetime import datetime
from uuid import UUID

from shared.contracts.message import Message, PublicText


class WorkBlockedV1(Message, heard_by=("intake",)):
    """Its clock stands still until then, or until it goes on."""

    claim_id: UUID
    partner_name: str
    reason: PublicText
    until: datetime
