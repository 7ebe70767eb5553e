"""partners → intake: a partner asks for what another one holds."""

from datetime import datetime
from uuid import UUID

from shared.contracts.message import Message, PublicText


class TakeoverAskedV1(Message, heard_by=("intake",)):
    """The holder may refuse, agree, or go on with its work; if it keeps silent, the claim changes hands then."""

    claim_id: UUID
    partner_id: UUID  # who asks
    partner_name: str
    reason: PublicText = ""
    until: datetime
