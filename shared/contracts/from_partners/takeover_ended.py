"""partners → intake: a request to take a claim over has ended."""

from uuid import UUID

from shared.contracts.message import Message, PublicText


class TakeoverEndedV1(Message, heard_by=("intake",)):
    """When it was granted, `claim_released` and `claim_made` follow: the same lines in other hands."""

    claim_id: UUID
    partner_id: UUID  # who asked
    partner_name: str
    outcome: str  # agreed, silence, refused, withdrawn, overtaken: the holder went on with its work
    reason: PublicText = ""
