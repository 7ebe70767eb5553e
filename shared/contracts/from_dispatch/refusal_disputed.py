"""dispatch → intake: the level that asked does not accept a refusal."""

from datetime import datetime

from shared.contracts.message import Message, PublicText


class RefusalDisputedV1(Message, heard_by=("intake",)):
    """The level above decides; its silence calls the next one."""

    department: str
    to_level: str
    answer_by: datetime
    by_silence: bool = False  # true when the level before did not decide
    reason: PublicText = ""
