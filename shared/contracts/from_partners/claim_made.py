"""partners → dispatch, intake: a partner took lines of a call."""

from uuid import UUID

from shared.contracts.message import Fen, Message, Part


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
