"""dispatch → intake: a level calls the next one."""

from datetime import datetime

from shared.contracts.message import Message, PublicText


class WhistleBlownV1(Message, heard_by=("intake",)):
    """The next level must answer in time; silence whistles on by itself."""

    kind: str  # resident, joint, emergency
    from_level: str
    to_level: str
    area: str  # of the level that is called
    answer_by: datetime
    by_silence: bool = False  # true when nobody answered the whistle before
    note: PublicText = ""
