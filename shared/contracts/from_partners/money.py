"""partners says: what was pledged, as it comes and goes back."""

from uuid import UUID

from pydantic import Field

from shared.contracts.message import Message, PublicText


# Something that a partner had pledged has come in.
class PledgeReceivedV1(Message, heard_by=("intake",)):
    """`amount` is fen for funds, else in `unit`. Number and copy of the paper stay where they were written down."""

    claim_id: UUID
    partner_id: UUID
    partner_name: PublicText
    kind: str
    amount: int = Field(gt=0, le=2**53)
    unit: str


# Something that had come in from a partner went back, or had been written down by mistake.
class PledgeReturnedV1(Message, heard_by=("intake",)):
    """`amount` is fen for funds, else in `unit`."""

    claim_id: UUID
    partner_id: UUID
    partner_name: PublicText
    kind: str
    amount: int = Field(gt=0, le=2**53)
    unit: str
    reason: PublicText
