"""partners → intake: nothing keeps a partner from its work any more, or its time for that is over."""

from uuid import UUID

from shared.contracts.message import Message


class WorkResumedV1(Message, heard_by=("intake",)):
    """Its clock runs again."""

    claim_id: UUID
    partner_name: str
