"""dispatch → intake: a part was done, or is not needed any more."""

from shared.contracts.message import Message, PublicText


class TaskEndedV1(Message, heard_by=("intake",)):
    """Told once for each part."""

    number: int  # of the task
    unit: str  # area path of a level, or id of a department
    ended: str  # done, cancelled
    late: bool  # the deadline had passed
    note: PublicText = ""
