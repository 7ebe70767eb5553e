"""dispatch → intake: the level above decided about a refusal."""

from shared.contracts.message import Message, PublicText


class DisputeRuledV1(Message, heard_by=("intake",)):
    """Upheld: the asking level has the matter again. Otherwise the department has it and cannot refuse."""

    department: str
    upheld: bool  # the refusal stands
    note: PublicText = ""
