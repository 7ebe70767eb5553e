"""dispatch says: the call to partners, and what is done for the order."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.message import Fen, Message, Part, PublicText


# A need that partners may take.
class NeedLine(Part):
    """One line of the need. `amount` is fen for funds, whole units for everything else."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")]
    kind: Literal["funds", "goods", "labour", "venue", "professional_service", "data"]
    amount: Annotated[int, Field(gt=0, le=2**53)]
    unit: Annotated[str, Field(max_length=20)] = "fen"
    text: PublicText = ""


class PartnersCalledV1(Message, heard_by=("partners",)):
    """The need of one order, line by line. Told again with a higher `round` when it is called anew."""

    round: Annotated[int, Field(ge=1)]
    title: PublicText
    category: str
    area: str
    lines: tuple[NeedLine, ...]
    exclusive: bool  # one partner takes everything, or several share
    offered_to: tuple[str, ...] = ()  # partner ids; empty: open to all
    until: datetime
    cost: Fen = 0
    shares: Fen = 0  # what the households agreed to
    subsidies: Fen = 0


class NeedLineV2(NeedLine):
    """A line with the last day on which it is of use."""

    latest: date | None = None  # the last day on which it is of use; null: any day


class PartnersCalledV2(Message, heard_by=("partners",)):
    """As V1, with what matching needs: where it is, how urgent, how it is offered, and whose own matter it is."""

    round: Annotated[int, Field(ge=1)]
    title: PublicText
    category: str
    urgency: str
    area: str
    longitude: float  # WGS-84, degrees
    latitude: float
    lines: tuple[NeedLineV2, ...]
    exclusive: bool  # one partner takes everything, or several share
    offer: Literal["open", "chosen", "matched"]  # to all, to chosen partners, or to those who fit best first
    offered_to: tuple[str, ...] = ()  # partner ids; only of a chosen offer
    until: datetime
    cost: Fen = 0
    shares: Fen = 0  # what the households agreed to
    subsidies: Fen = 0
    own_of: tuple[str, ...] = ()  # ids of those whose own matter it is: who ordered it, the unit that has it
    households: tuple[str, ...] = ()  # flats of the area that bear a share of it


# More is needed than was called for, or for longer.
class CallChangedV1(Message, heard_by=("partners",)):
    """The need as it is now. No line is less than it was, and none is gone: what was taken stays taken."""

    round: Annotated[int, Field(ge=1)]
    change: Annotated[int, Field(ge=1)]  # the number of this change of the round
    lines: tuple[NeedLineV2, ...]
    until: datetime
    reason: PublicText = ""


# What partners are called for was corrected: what it is about, how urgent it is, or where it is.
class CallCorrectedV1(Message, heard_by=("partners",)):
    """All of it as it is now. Who was asked and what was taken stays as it was; the area is told by itself."""

    category: str
    urgency: str
    longitude: float  # WGS-84, degrees
    latitude: float


# The need is no longer open.
class CallWithdrawnV1(Message, heard_by=("partners", "intake")):
    """Whoever took a part of it is free again."""

    round: int
    reason: PublicText = ""


# A unit has to do a part.
class TaskGivenV1(Message, heard_by=("intake",)):
    """The matter ends only after its parts."""

    number: int  # of the task: 1, 2, …
    title: PublicText
    unit: str  # area path of a level, or id of a department
    deadline: datetime  # until then it is done


# A part was not done in time.
class TaskLateV1(Message, heard_by=("intake",)):
    """It may still be done."""

    number: int  # of the task
    unit: str  # area path of a level, or id of a department
    deadline: datetime  # that has passed


# A part was done, or is not needed any more.
class TaskEndedV1(Message, heard_by=("intake",)):
    """Told once for each part."""

    number: int  # of the task
    unit: str  # area path of a level, or id of a department
    ended: str  # done, cancelled
    late: bool  # the deadline had passed
    note: PublicText = ""


# The unit that has it says how it stands.
class HandlingReportedV1(Message, heard_by=("intake",)):
    """Whoever says nothing for too long is whistled over."""

    note: PublicText


# The unit that handled it itself says that the work is done.
class WorkReportedV1(Message, heard_by=("intake",)):
    """The acceptance check may begin. (What partners deliver is `partners.work_delivered`.)"""

    note: PublicText = ""


# The acceptance check.
class WorkCheckedV1(Message, heard_by=("evaluation", "partners", "intake")):
    """Passed: the residents are asked. Failed: the same hands do it again, and it is counted."""

    passed: bool
    note: PublicText = ""
    reworks: int = 0
    # ids of the partners, units and persons who did the work: they may not evaluate it
    done_by: tuple[str, ...] = ()
    partners: bool = False  # true when partners did it
