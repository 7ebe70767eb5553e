"""partners → intake: one of the partners of a call speaks for all of them."""

from uuid import UUID

from shared.contracts.message import Message


class LeadChosenV1(Message, heard_by=("intake",)):
    """Who came first leads until another is chosen. If it leaves, the next one leads, and nothing is told."""

    round: int
    partner_id: UUID
    partner_name: str
