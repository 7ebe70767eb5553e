"""dispatch → intake: a part was not done in time."""

from datetime import datetime

from shared.contracts.message import Message


class TaskLateV1(Message, heard_by=("intake",)):
    """It may still be done."""

    number: int  # of the task
    unit: str  # area path of a level, or id of a department
    deadline: datetime  # that has passed
