"""dispatch says: what the level above sees to."""

from datetime import datetime

from shared.contracts.message import Message, PublicText


# The district watches over this one now.
class SupervisionRaisedV1(Message, heard_by=("intake",)):
    """Raised once per cause: silence at the top, three refusals, three reworks."""

    cause: str  # silence, refusals, reworks, deadlock


# The district says who has to do what.
class SupervisionDirectedV1(Message, heard_by=("intake",)):
    """The latest word counts."""

    unit: str  # area path of a level, or id of a department
    measures: PublicText
    due: datetime  # until then it must have moved


# What is supervised has not moved in time.
class SupervisionOverdueV1(Message, heard_by=("intake",)):
    """The register shows it."""

    due: datetime  # that has passed
    unit: str  # area path of a level, or id of a department; empty: not said


# The district has seen to it.
class SupervisionClosedV1(Message, heard_by=("intake",)):
    """Told when the district closes it; with the end of the dispatch it ends unsaid."""

    result: PublicText  # what has come of it
