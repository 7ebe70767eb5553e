"""dispatch → intake: the district says who has to do what."""

from datetime import datetime

from shared.contracts.message import Message, PublicText


class SupervisionDirectedV1(Message, heard_by=("intake",)):
    """The latest word counts."""

    unit: str  # area path of a level, or id of a department
    measures: PublicText
    due: datetime  # until then it must have moved
