"""dispatch says: what a unit cannot do alone: whistles and departments."""

from datetime import datetime

from shared.contracts.message import Message, Part, PublicText


# A level calls the next one.
class WhistleBlownV1(Message, heard_by=("intake",)):
    """The next level must answer in time; silence whistles on by itself."""

    kind: str  # resident, joint, emergency
    from_level: str
    to_level: str
    area: str  # of the level that is called
    answer_by: datetime
    by_silence: bool = False  # true when nobody answered the whistle before
    note: PublicText = ""


# Who was called is there.
class WhistleAnsweredV1(Message, heard_by=("intake", "evaluation")):
    """A level took it up and says what it will do."""

    level: str
    measures: PublicText = ""


class WhistleAnsweredV2(Message, heard_by=("intake", "evaluation")):
    """A unit says what it will do and until when, and whom it has spoken to: roles and units, no names."""

    unit: str  # area path of a level, or id of a department
    level: str | None  # None: a department
    measures: PublicText = ""
    contacted: PublicText = ""  # roles and units that were spoken to
    deadline: datetime | None = None  # until then the measures are taken
    waiting: int = 0  # units called with it that are still waited for


# The level that called several units goes on with those who came.
class WhistleEndedV1(Message, heard_by=("intake",)):
    """Nobody is waited for any more."""

    level: str
    absent: tuple[str, ...]  # units that have not answered
    note: PublicText = ""


# A level calls several units at once.
class CalledUnit(Part):
    unit: str  # area path of a level, or id of a department
    answer_by: datetime  # until then it must have answered


class JointWhistleBlownV1(Message, heard_by=("intake",)):
    """Each must answer for itself in time; over one that is silent the level above is called too."""

    from_level: str
    units: tuple[CalledUnit, ...]  # who is called
    note: PublicText = ""


# The district names the unit that leads.
class LeadNamedV1(Message, heard_by=("intake",)):
    """It cannot refuse. Each co-unit has a task of its own."""

    unit: str  # area path of a level, or id of a department
    co_units: tuple[str, ...] = ()  # who has a part in it
    note: PublicText = ""


# A department is asked to act.
class ReferralMadeV1(Message, heard_by=("intake",)):
    """The department must accept or refuse in time."""

    department: str
    answer_by: datetime
    note: PublicText = ""


# The department accepts, or refuses with a reason.
class ReferralAnsweredV1(Message, heard_by=("intake", "evaluation")):
    """A refusal names its reason and the rule it rests on, and is counted."""

    department: str
    accepted: bool
    reason: str | None = None  # code, e.g. out_of_remit; only of a refusal
    rule: PublicText = ""
    refusals: int = 0  # of this dispatch so far


# The level that asked does not accept a refusal.
class RefusalDisputedV1(Message, heard_by=("intake",)):
    """The level above decides; its silence calls the next one."""

    department: str
    to_level: str
    answer_by: datetime
    by_silence: bool = False  # true when the level before did not decide
    reason: PublicText = ""


# The level above decided about a refusal.
class DisputeRuledV1(Message, heard_by=("intake",)):
    """Upheld: the asking level has the matter again. Otherwise the department has it and cannot refuse."""

    department: str
    upheld: bool  # the refusal stands
    note: PublicText = ""


# Whoever asked a department takes it back, or says that its refusal was right.
class ReferralRecalledV1(Message, heard_by=("intake",)):
    """It was sent to the wrong one: it counts for neither side. A routing rule recalls what it would not send now."""

    department: str
    reason: PublicText
    refusals: int = 0  # of this dispatch that still count


# Whoever blew the whistle takes it back.
class WhistleRecalledV1(Message, heard_by=("intake",)):
    """The level that called has it in hand again, unless others are still waited for; it counts for neither side."""

    level: str  # that has it again
    units: tuple[str, ...]  # that are not waited for any more: area path of a level, or id of a department
    reason: PublicText
    waiting: int = 0  # units that are still waited for


# A department is no more.
class DepartmentSucceededV1(Message, heard_by=("intake", "evaluation")):
    """Whatever of this order waited for it, or lay in its hands, is its successor's from now on."""

    department: str  # that was deleted
    successor: str  # id of the department that has it now
