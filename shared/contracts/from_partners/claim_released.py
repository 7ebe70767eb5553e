"""partners → dispatch, intake: a partner gave its lines back."""

from uuid import UUID

from shared.contracts.message import Fen, Message, PublicText


class ClaimReleasedV1(Message, heard_by=("dispatch", "intake")):
    """What it had pledged is missing again."""

    round: int
    claim_id: UUID
    partner_id: UUID
    reason: PublicText = ""
    gap: Fen
    reopened: bool  # the call had been covered and is open again
