"""partners → intake: a partner's time for its plan, or for a word on its work, ends soon."""

from datetime import datetime
from uuid import UUID

from shared.contracts.message import Message


class ClaimRemindedV1(Message, heard_by=("intake",)):
    """Told once for each end, before it comes."""

    claim_id: UUID
    partner_name: str
    waits_for: str  # plan, progress
    ends: datetime
