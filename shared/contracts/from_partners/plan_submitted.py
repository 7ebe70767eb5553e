"""partners → intake: how and when the work will be done."""

from datetime import date
from uuid import UUID

from shared.contracts.message import Message, PublicText


class PlanSubmittedV1(Message, heard_by=("intake",)):
    """A partner's work plan."""

    claim_id: UUID
    partner_name: str
    plan: PublicText
    starts: date
    ends: date
