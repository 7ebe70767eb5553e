"""partners says: how the work goes on."""

from datetime import date, datetime
from uuid import UUID

from shared.contracts.message import Message, PublicText


# A partner has been on the spot.
class WorkSurveyedV1(Message, heard_by=("intake",)):
    """What it found there."""

    claim_id: UUID
    partner_name: str
    note: PublicText
    photos: int  # how many were taken; they are kept elsewhere


# How and when the work will be done.
class PlanSubmittedV1(Message, heard_by=("intake",)):
    """A partner's work plan."""

    claim_id: UUID
    partner_name: str
    plan: PublicText
    starts: date
    ends: date


# How far the work is.
class ProgressReportedV1(Message, heard_by=("intake",)):
    """What was done since the last report."""

    claim_id: UUID
    partner_name: str
    note: PublicText
    percent: int


# Something keeps a partner from its work.
class WorkBlockedV1(Message, heard_by=("intake",)):
    """Its clock stands still until then, or until it goes on."""

    claim_id: UUID
    partner_name: str
    reason: PublicText
    until: datetime


# Nothing keeps a partner from its work any more, or its time for that is over.
class WorkResumedV1(Message, heard_by=("intake",)):
    """Its clock runs again."""

    claim_id: UUID
    partner_name: str


# Every partner of the call says that its work is done.
class WorkDeliveredV1(Message, heard_by=("dispatch", "intake")):
    """The acceptance check may begin."""

    round: int
    partners: tuple[UUID, ...]
    note: PublicText = ""


class WorkDeliveredV2(Message, heard_by=("dispatch", "intake")):
    """As V1, with who acted for the partners: they neither check the work nor evaluate it."""

    round: int
    partners: tuple[UUID, ...]
    people: tuple[str, ...]  # ids of the persons who claimed, planned, reported or delivered
    note: PublicText = ""
