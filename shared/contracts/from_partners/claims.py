"""partners says: who took what."""

from datetime import datetime
from uuid import UUID

from shared.contracts.message import Fen, Message, Part, PublicText


# A partner took lines of a call.
class PledgedLine(Part):
    """A part of one line: fen for funds, whole units for everything else."""

    name: str
    kind: str
    amount: int
    unit: str


class ClaimMadeV1(Message, heard_by=("dispatch", "intake")):
    """The lines are taken; nobody else may take them. Told once per claim."""

    round: int
    claim_id: UUID
    partner_id: UUID
    partner_name: str
    epoch: int  # rises with every change of hands; old epochs are void
    lines: tuple[PledgedLine, ...]
    gap: Fen  # fen still missing on the call after this claim


# A partner's time for its plan, or for a word on its work, ends soon.
class ClaimRemindedV1(Message, heard_by=("intake",)):
    """Told once for each end, before it comes."""

    claim_id: UUID
    partner_name: str
    waits_for: str  # plan, progress
    ends: datetime


# Nothing was heard of a partner in time.
class ClaimStaleV1(Message, heard_by=("intake",)):
    """Other partners may ask for its lines now; without a word of it they are missing again then."""

    claim_id: UUID
    partner_name: str
    waits_for: str  # plan, progress
    taken_back_at: datetime  # unless it is heard of before


# A partner gave its lines back.
class ClaimReleasedV1(Message, heard_by=("dispatch", "intake")):
    """What it had pledged is missing again."""

    round: int
    claim_id: UUID
    partner_id: UUID
    reason: PublicText = ""
    gap: Fen
    reopened: bool  # the call had been covered and is open again


# A partner asks for what another one holds.
class TakeoverAskedV1(Message, heard_by=("intake",)):
    """The holder may refuse, agree, or go on with its work; if it keeps silent, the claim changes hands then."""

    claim_id: UUID
    partner_id: UUID  # who asks
    partner_name: str
    reason: PublicText = ""
    until: datetime


# A request to take a claim over has ended.
class TakeoverEndedV1(Message, heard_by=("intake",)):
    """When it was granted, `claim_released` and `claim_made` follow: the same lines in other hands."""

    claim_id: UUID
    partner_id: UUID  # who asked
    partner_name: str
    outcome: str  # agreed, silence, refused, withdrawn, overtaken: the holder went on with its work
    reason: PublicText = ""
