"""dispatch → intake, evaluation: the clocks go on with what was left of their time."""

from datetime import datetime

from shared.contracts.message import Message, PublicText


class DispatchResumedV1(Message, heard_by=("intake", "evaluation")):
    """Told once for each pause that ended while the matter was open."""

    kind: str  # of the pause: pause, deferral, question
    how: str  # time: it was over; resumed: by the unit; answered: by the resident
    close_by: datetime  # when it must have ended now
    note: PublicText = ""
