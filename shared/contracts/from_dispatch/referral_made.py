"""dispatch → intake: a department is asked to act."""

from datetime import datetime

from shared.contracts.message import Message, PublicText


class ReferralMadeV1(Message, heard_by=("intake",)):
    """The department must accept or refuse in time."""

    department: str
    answer_by: datetime
    note: PublicText = ""
