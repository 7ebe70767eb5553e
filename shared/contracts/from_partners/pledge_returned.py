"""partners → intake: something that had come in from a partner went back, or had been written down by mistake."""

from uuid import UUID

from pydantic import Field

from shared.contracts.message import Message, PublicText


class PledgeReturnedV1(Message, heard_by=("intake",)):
    """`amount` is fen for funds, else in `unit`."""

    claim_id: UUID
    partner_id: UUID
    partner_name: PublicText
    kind: str
    amount: int = Field(gt=0, le=2**53)
    unit: str
    reason: PublicText
