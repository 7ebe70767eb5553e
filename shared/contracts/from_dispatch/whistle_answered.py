"""dispatch → intake, evaluation: who was called is there."""

from datetime import datetime

from shared.contracts.message import Message, PublicText


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
