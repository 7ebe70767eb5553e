"""partners → intake: a partner has been on the spot."""

from uuid import UUID

from shared.contracts.message import Message, PublicText


class WorkSurveyedV1(Message, heard_by=("intake",)):
    """What it found there."""

    claim_id: UUID
    partner_name: str
    note: PublicText
    photos: int  # how many were taken; they are kept elsewhere
