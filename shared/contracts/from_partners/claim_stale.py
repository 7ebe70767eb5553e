"""partners → intake: nothing was heard of a partner in time."""

from datetime import datetime
from uuid import UUID

from shared.contracts.message import Message


class ClaimStaleV1(Message, heard_by=("intake",)):
    """Other partners may ask for its lines now; without a word of it they are missing again then."""

    claim_id: UUID
    partner_name: str
    waits_for: str  # plan, progress
    taken_back_at: datetime  # unless it is heard of before
