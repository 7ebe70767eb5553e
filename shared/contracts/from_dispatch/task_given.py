"""dispatch → intake: a unit has to do a part."""

from datetime import datetime

from shared.contracts.message import Message, PublicText


class TaskGivenV1(Message, heard_by=("intake",)):
    """The matter ends only after its parts."""

    number: int  # of the task: 1, 2, …
    title: PublicText
    unit: str  # area path of a level, or id of a department
    deadline: datetime  # until then it is done
