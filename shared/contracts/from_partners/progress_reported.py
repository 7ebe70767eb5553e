"""partners → intake: how far the work is."""

from uuid import UUID

from shared.contracts.message import Message, PublicText


class ProgressReportedV1(Message, heard_by=("intake",)):
    """What was done since the last report."""

    claim_id: UUID
    partner_name: str
    note: PublicText
    percent: int
