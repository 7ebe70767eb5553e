"""dispatch → intake: a level calls several units at once."""

from datetime import datetime

from shared.contracts.message import Message, Part, PublicText


class CalledUnit(Part):
    unit: str  # area path of a level, or id of a department
    answer_by: datetime  # until then it must have answered


class JointWhistleBlownV1(Message, heard_by=("intake",)):
    """Each must answer for itself in time; over one that is silent the level above is called too."""

    from_level: str
    units: tuple[CalledUnit, ...]  # who is called
    note: PublicText = ""
